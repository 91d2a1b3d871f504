/* The C interface of Contraflow's libraries that do not need libtorch.
 *
 * Functions with a message return 0, or 1 if an argument is refused. In the latter case, `message` (if not NULL)
 * receives the reason in one line, truncated to `message_size` bytes including the terminating zero. No function keeps
 * a pointer, and several threads may call the functions at once. Tables are dense, with the last dimension innermost.
 */
#ifndef CONTRAFLOW_H
#define CONTRAFLOW_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the version of this interface, which rises whenever a function changes or is removed. This header describes
 * version 1. */
int32_t contraflow_abi_version(void);

/* Computes the placement of DeepSeek's EPLB.
 *   loads                layers x experts: the loads, from 0 to 1e30
 *   physical_to_logical  out, layers x replicas: the expert of each slot
 *   ranks                out, layers x replicas: the index of each slot's replica among the replicas of its expert
 *   counts               out, layers x experts: the number of replicas of each expert
 */
int32_t contraflow_balance_deepseek(
    const double *loads, int64_t layers, int64_t experts, int64_t replicas, int64_t groups, int64_t nodes,
    int64_t devices, int64_t *physical_to_logical, int64_t *ranks, int64_t *counts, char *message,
    int64_t message_size);

/* Computes a placement close to the best possible, with an upper bound on the balance of all placements.
 *   loads                layers x experts: the loads, from 0 to 1e30
 *   slots_per_device     devices: the number of slots, 0 for a failed device
 *   speeds               devices: the relative speeds, from 1e-6 to 1e6, or NULL if all speeds are equal
 *   groups               the number of groups of experts, each of which stays on one node, or 0 for no groups
 *   current              layers x slots: the placement to start from, or NULL
 *   max_copies           with `current`: the number of copies that may be made; if negative, the best placement,
 *                        relabelled so that as few experts as possible are copied. A limit does not go with groups on several
 *                        nodes
 *   physical_to_logical  out, layers x slots: the expert of each slot
 *   balances             out, layers, or NULL: the mean device time divided by the longest
 *   bounds               out, layers, or NULL: an upper bound on the balance
 */
int32_t contraflow_balance_optimal(
    const double *loads, int64_t layers, int64_t experts, const int64_t *slots_per_device, const double *speeds,
    int64_t devices, int64_t nodes, int64_t groups, const int64_t *current, int64_t max_copies,
    int64_t *physical_to_logical, double *balances, double *bounds, char *message, int64_t message_size);

/* Replays a stream of loads: plans each window from the windows before it, and measures the balance on the window.
 * Windows without load are left out, and the first window determines the first placement.
 *   loads                windows x layers x experts: the loads, from 0 to 1e30
 *   slots_per_device     devices: the number of slots, 0 for a failed device
 *   speeds               devices: the relative speeds, from 1e-6 to 1e6, or NULL if all speeds are equal
 *   forecast             `last`, `mean-N`, `exponential-D` or `trend-N`; NULL or empty for a backtest before each plan
 *   cadence              the number of windows from one plan to the next
 *   max_copies           the copies that each plan may make; negative for no limit
 *   caution              the standard deviations to add to a forecast, from 0 to 100
 *   significance         the noise threshold in standard deviations; 0 to disable it
 *   is_split             not 0 to split each expert's tokens for the shortest time, instead of equally
 *   balances             out, windows - 1: the mean balance of the layers
 *   oracle_balances      out, windows - 1, or NULL: the same for a new placement of every window
 *   foresight_balances   out, windows - 1, or NULL: the same for plans that know their window
 *   copies               out, windows - 1, or NULL: the copies made before the window
 *   count                out: the number of windows that the outputs hold
 */
int32_t contraflow_balance_replay(
    const double *loads, int64_t windows, int64_t layers, int64_t experts, const int64_t *slots_per_device,
    const double *speeds, int64_t devices, int64_t nodes, const char *forecast, int64_t cadence, int64_t max_copies,
    double caution, double significance, int32_t is_split, double *balances, double *oracle_balances,
    double *foresight_balances, int64_t *copies, int64_t *count, char *message, int64_t message_size);

/* Splits one layer's tokens among replicas with the least possible longest time of a device.
 *   slots                slots: the expert of each slot, device after device, or -1 for an empty slot
 *   slots_per_device     devices: the number of slots
 *   loads                experts: the tokens of each expert
 *   speeds               devices: the relative speeds, from 1e-6 to 1e6, or NULL if all speeds are equal
 *   is_whole             not 0 for whole tokens; the loads must then be whole
 *   tokens               out, slots: the tokens of each slot
 *   longest_time         out, or NULL: the longest time of a device, which is its tokens divided by its speed
 */
int32_t contraflow_split_tokens(
    const int64_t *slots, const int64_t *slots_per_device, int64_t devices, const double *loads, int64_t experts,
    const double *speeds, int32_t is_whole, double *tokens, double *longest_time, char *message, int64_t message_size);

/* Splits one layer's tokens among replicas so that the fewest tokens leave their node, with a longest time of at most
 * 1 + slack times the least possible. Each node has the same number of consecutive devices.
 *   loads                nodes x experts: the tokens of each node for each expert
 *   tokens               out, nodes x slots: the tokens of each slot from each node
 *   local_share          out, or NULL: the fraction of all tokens that stay on their node
 */
int32_t contraflow_split_tokens_locally(
    const int64_t *slots, const int64_t *slots_per_device, int64_t devices, int64_t nodes, const double *loads,
    int64_t experts, const double *speeds, double slack, double *tokens, double *longest_time, double *local_share,
    char *message, int64_t message_size);

/* Plans the replicas that one layer adds in its free slots for one micro-batch: the fewest that the planner finds with
 * which no device processes more than the larger of ceil(mean) and floor((1 + slack) x mean) tokens. If the free slots do
 * not allow this, the plan has the least maximum that the planner finds.
 *   slots                slots: the expert of each slot, device after device, or -1 for a free slot. The first slot of an
 *                        expert owns it and sends it
 *   slots_per_device     devices: the number of slots
 *   loads                experts: the tokens of each expert, at most 2147483647 in all
 *   slack_millionths     the slack in millionths of the mean, from 0 to 1000000000
 *   planned_slots        out, slots: the expert of each slot, with the added replicas
 *   tokens               out, slots: the tokens of each slot
 *   token_limit          out, or NULL: the tokens that a device may process according to the slack
 *   lower_bound          out, or NULL: a lower bound on the number of added replicas
 */
int32_t contraflow_plan_replicas(
    const int64_t *slots, const int64_t *slots_per_device, int64_t devices, const int64_t *loads, int64_t experts,
    int64_t slack_millionths, int64_t *planned_slots, int64_t *tokens, int64_t *token_limit, int64_t *lower_bound,
    char *message, int64_t message_size);

#ifdef __cplusplus
}
#endif
#endif
