#include "Mailbox.h"

#include <c10/util/Exception.h>

namespace contraflow {

namespace {

std::mutex names;
std::map<std::string, std::weak_ptr<Mailbox>> mailboxes;

std::shared_ptr<Mailbox> named(const std::string &name) {
    std::lock_guard lock(names);
    std::erase_if(mailboxes, [](const auto &entry) { return entry.second.expired(); });
    auto mailbox = mailboxes[name].lock();
    if (!mailbox) mailboxes[name] = mailbox = std::make_shared<Mailbox>();
    return mailbox;
}

}  // namespace

std::shared_ptr<Mailbox> Mailbox::join(const std::string &name, int size, std::chrono::milliseconds timeout) {
    auto mailbox = named(name);
    std::unique_lock lock(mailbox->mutex);
    mailbox->members++;
    mailbox->changed.notify_all();
    bool is_complete = mailbox->changed.wait_for(lock, timeout, [&] { return mailbox->members >= size; });
    TORCH_CHECK(is_complete, "not all members of the group arrived within ", timeout.count(), " ms");
    return mailbox;
}

void Mailbox::put(const Address &address, Parcel parcel) {
    std::lock_guard lock(mutex);
    parcels.emplace(address, std::move(parcel));
    changed.notify_all();
}

Parcel Mailbox::take(const Address &address, int name, std::chrono::milliseconds timeout) {
    auto sender = std::get<0>(address);
    std::unique_lock lock(mutex);
    changed.wait_for(lock, timeout, [&] { return parcels.contains(address) || left.contains(sender); });
    auto found = parcels.find(address);
    if (found == parcels.end()) {
        TORCH_CHECK(!left.contains(sender), "rank ", name, " has left");
        TORCH_CHECK(false, "rank ", name, " did not arrive within ", timeout.count(), " ms");
    }
    auto parcel = std::move(found->second);
    parcels.erase(found);
    return parcel;
}

void Mailbox::leave(int member) {
    std::lock_guard lock(mutex);
    left.insert(member);
    changed.notify_all();
}

}  // namespace contraflow
