import RankHeartbeats

/// The page on which a rank publishes its waits for a group, and the group's number on the page.
struct GroupWaits {
    /// The ranks of the group's members in the world.
    let ranks: [Int]
    private let page: BeatPage
    let group: UInt32

    init(_ ranks: [Int], on page: BeatPage) {
        self.ranks = ranks
        self.page = page
        group = page.addGroup(ranks)
    }

    /// The wait for an operation with a member of the group; nil for all members.
    func wait(_ operation: RankWait.Operation, member: Int? = nil) -> PublishedWait {
        PublishedWait(page: page, wait: RankWait(operation, group: group, member: member))
    }
}

/// A wait with the page on which the rank publishes it.
struct PublishedWait {
    let page: BeatPage
    let wait: RankWait
}

extension PublishedWait? {
    /// Runs `body`, and publishes it as the wait if there is one.
    func during<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        guard let self else { return try body() }
        return try self.page.waiting(self.wait, body)
    }
}
