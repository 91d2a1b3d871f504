/* The C interface of Contraflow's libtorch-free libraries.
 *
 * Functions that return int32_t return 0, or 1 where an argument is refused; then `message` (if not NULL) holds one line
 * that says why, cut to `message_size` bytes, its end included. No function keeps a pointer, and all are safe to call
 * from several threads at once. Tables are dense, the last dimension innermost.
 */
#ifndef CONTRAFLOW_H
#define CONTRAFLOW_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows whenever a function changes or goes; this header describes version 1. */
int32_t contraflow_abi_version(void);

/* The placement that DeepSeek's EPLB makes.
 *   loads                layers x experts, finite and not negative
 *   physical_to_logical  out, layers x replicas: the expert of each slot
 *   ranks                out, layers x replicas: which replica of its expert each slot holds
 *   counts               out, layers x experts: how many replicas each expert has
 */
int32_t contraflow_balance_deepseek(
    const double *loads, int64_t layers, int64_t experts, int64_t replicas, int64_t groups, int64_t nodes,
    int64_t devices, int64_t *physical_to_logical, int64_t *ranks, int64_t *counts, char *message,
    int64_t message_size);

/* A placement close to the best possible, with a bound on what is possible.
 *   slots_per_device     devices; 0 for a device that has failed
 *   speeds               devices, or NULL for devices of one speed
 *   groups               groups of experts that stay on one of the nodes each, or 0
 *   current              layers x slots, the placement to start from, or NULL
 *   max_copies           with `current`: copies that may be made; negative for the best placement, relabelled so that
 *                        as few copies as possible lead to it
 *   physical_to_logical  out, layers x slots
 *   balances, bounds     out, layers, or NULL: mean over longest device time, and what no placement exceeds
 */
int32_t contraflow_balance_optimal(
    const double *loads, int64_t layers, int64_t experts, const int64_t *slots_per_device, const double *speeds,
    int64_t devices, int64_t nodes, int64_t groups, const int64_t *current, int64_t max_copies,
    int64_t *physical_to_logical, double *balances, double *bounds, char *message, int64_t message_size);

/* The split of one layer's tokens over its replicas that makes the longest device time the least possible.
 *   slots                the expert of each slot, device after device; -1 for an empty one
 *   slots_per_device     devices
 *   loads                experts: the tokens of each expert
 *   speeds               devices, or NULL for devices of one speed
 *   is_whole             not 0 for whole tokens; loads must then be whole
 *   tokens               out, slots
 *   longest_time         out, or NULL: tokens over speed of the device that takes the longest
 */
int32_t contraflow_split_tokens(
    const int64_t *slots, const int64_t *slots_per_device, int64_t devices, const double *loads, int64_t experts,
    const double *speeds, int32_t is_whole, double *tokens, double *longest_time, char *message, int64_t message_size);

/* Of all splits whose longest time is at most 1 + slack times the least, the one that sends the fewest tokens to other
 * nodes; nodes have as many devices each, in order.
 *   loads                nodes x experts: the tokens that each node has for each expert
 *   tokens               out, nodes x slots
 *   local_share          out, or NULL: the part of all tokens that stay on their node
 */
int32_t contraflow_split_tokens_locally(
    const int64_t *slots, const int64_t *slots_per_device, int64_t devices, int64_t nodes, const double *loads,
    int64_t experts, const double *speeds, double slack, double *tokens, double *longest_time, double *local_share,
    char *message, int64_t message_size);

#ifdef __cplusplus
}
#endif
#endif
