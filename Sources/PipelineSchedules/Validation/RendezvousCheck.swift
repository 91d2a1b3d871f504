/// Runs the transfers of a valid schedule so that a send completes only together with its receive. Each rank issues its
/// transfers in the order of its row.
struct RendezvousCheck {
    let schedule: Schedule
    let layout: StageLayout
    /// The position of each rank's next transfer; the length of the row if there is none.
    private var positions: [Int]

    /// - Precondition: The schedule is valid and has transfers.
    init(_ schedule: Schedule) {
        self.schedule = schedule
        layout = StageLayout(schedule.chains)
        positions = schedule.rows.map { $0.firstTransfer(from: 0) }
    }

    /// Returns the ranks that wait for one another in a circle; nil if every transfer completes. O(steps).
    mutating func circularWait() -> [ScheduleError.Wait]? {
        var ready = Array(positions.indices)
        while let rank = ready.popLast() {
            while let transfer = transfer(of: rank) {
                let counterpart = layout.counterpart(of: transfer)
                let peer = layout.ranks[counterpart.stage]
                guard self.transfer(of: peer) == counterpart else { break }
                for rank in [rank, peer] {
                    positions[rank] = schedule.rows[rank].firstTransfer(from: positions[rank] + 1)
                }
                ready.append(peer)
            }
        }
        return positions.indices.first { transfer(of: $0) != nil }.map {
            ScheduleError.Wait.circle(from: $0, next: wait)
        }
    }

    private func transfer(of rank: Int) -> Action? {
        let row = schedule.rows[rank]
        return positions[rank] < row.count ? row[positions[rank]].first : nil
    }

    private func wait(of rank: Int) -> ScheduleError.Wait? {
        transfer(of: rank).map { transfer in
            let counterpart = layout.counterpart(of: transfer)
            return ScheduleError.Wait(
                rank: rank, position: positions[rank], step: Step(transfer), awaited: counterpart,
                awaitedRank: layout.ranks[counterpart.stage])
        }
    }
}

extension [Step] {
    fileprivate func firstTransfer(from position: Int) -> Int {
        self[position...].firstIndex { $0.first?.kind.isTransfer ?? false } ?? count
    }
}

extension Schedule {
    /// Returns the circular wait of the schedule if each send waits for its receive; nil if there is none.
    ///
    /// ``validate(for:)`` assumes that sends are buffered. With NCCL, a send completes only with its receive. If the
    /// transfers of a rank share one communicator and are not batched, as in PyTorch's runtime, they also run one after
    /// the other. Two ranks that send to each other first then wait for ever. The schedules that
    /// ``addingTransfers()`` returns, and those that PyTorch lowers, have no such wait.
    ///
    /// - Precondition: The schedule is valid.
    /// - Complexity: O(actions) if the schedule has transfers; otherwise that of ``addingTransfers()``.
    public func rendezvousDeadlock() -> ScheduleError? {
        var check = RendezvousCheck(hasTransfers ? self : addingTransfers())
        return check.circularWait().map { ScheduleError(.circularWait($0)) }
    }
}
