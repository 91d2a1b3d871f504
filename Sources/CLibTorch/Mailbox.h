// The values that the threads of a process send to each other.
#pragma once

#include <ATen/ATen.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "Streams.h"

namespace contraflow {

/// A value that a member of a group has sent. It does not change any more.
struct Parcel {
    /// Undefined for a signal without values.
    at::Tensor values;
    /// The event after which the values are complete; null for a signal.
    std::shared_ptr<ct_event> complete;
    /// The time at which the parcel was sent, in nanoseconds of the sender's clock.
    int64_t time = 0;
};

/// The mailbox of a group. All of its members refer to the same one.
class Mailbox final {
   public:
    /// A sender, a receiver, a tag, and the number of the parcel among those of the same tag.
    using Address = std::tuple<int, int, int64_t, int64_t>;

    /// Returns the mailbox of the group `name`, once all `size` members have called this function.
    static std::shared_ptr<Mailbox> join(const std::string &name, int size, std::chrono::milliseconds timeout);

    void put(const Address &address, Parcel parcel);
    /// Removes a parcel and returns it, once it is there. Fails if the sender has left without sending it. `name` is the
    /// sender's rank in messages.
    Parcel take(const Address &address, int name, std::chrono::milliseconds timeout);
    void leave(int member);

   private:
    std::mutex mutex;
    std::condition_variable changed;
    int members = 0;
    std::map<Address, Parcel> parcels;
    std::set<int> left;
};

}  // namespace contraflow
