import LibTorch

/// The sums of gradients that lie in memory which everyone who adds them up sees: once all have come, each adds up its
/// share for all.
///
/// It takes a tenth of the time of messages and nothing beside it, so that it waits for the end of the row.
struct SharedReductions {
    private struct Meeting {
        let ranks: [Int]
        let group: any ProcessGroup
        var gradients: [SharedTensors]

        /// Tells the others that this rank has come, or that it goes.
        func greet() throws -> PendingWork { try group.allReduce(.zeros([1], .float32)) }
    }

    private let meetings: [Meeting]
    var isEmpty: Bool { meetings.isEmpty }

    /// - Parameter sums: The ranks that sum, their group and what lies in shared memory; a group's in one order on all its ranks.
    init(_ sums: some Sequence<(ranks: [Int], group: (any ProcessGroup)?, gradients: SharedTensors?)>) {
        var meetings: [Meeting] = []
        for case (let ranks, let group?, let shared?) in sums {
            if let place = meetings.firstIndex(where: { $0.ranks == ranks }) {
                meetings[place].gradients.append(shared)
            } else {
                meetings.append(Meeting(ranks: ranks, group: group, gradients: [shared]))
            }
        }
        self.meetings = meetings
    }

    /// What the ranks say to each other, in order.
    var order: [(ranks: [Int], name: String)] {
        meetings.map { ($0.ranks, "arrival at sums of \($0.gradients.map(\.own.elementCount)) gradients") }
            + meetings.map { ($0.ranks, "departure") }
    }

    /// Sums all of them; everybody's are there when it returns.
    func sum() throws {
        let arrivals = try meetings.map { try $0.greet() }
        let departures = try zip(meetings, arrivals).map { meeting, arrival in
            try arrival.wait()
            for gradients in meeting.gradients { try gradients.sumShare() }
            return try meeting.greet()
        }
        for departure in departures { try departure.wait() }
    }
}
