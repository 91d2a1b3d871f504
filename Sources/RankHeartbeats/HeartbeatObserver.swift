/// The ages of all ranks' heartbeats and operations on the observer's own clock. The clocks of ranks are not compared.
package struct HeartbeatObserver {
    fileprivate struct Track {
        var state = RankState()
        /// The times at which the number of heartbeats and that of operations were first read.
        var beatRead: Duration
        var operationRead: Duration
        var endRead: Duration?
        /// The longest times of operations that took a second or more, by the kind of operation.
        var longest: [String: Duration] = [:]
    }

    /// The state of a rank at one time.
    package struct Reading {
        package var beat: RankBeat
        /// Whether the rank's process has ended.
        package var hasEnded = false
        /// Whether the rank's process is known to be stopped.
        package var isStopped = false

        package init(_ beat: RankBeat, hasEnded: Bool = false, isStopped: Bool = false) {
            self.beat = beat
            self.hasEnded = hasEnded
            self.isStopped = isStopped
        }
    }

    private let limits: HeartbeatLimits
    private var tracks: [Track] = []
    private var last: Duration?

    package init(_ limits: HeartbeatLimits) { self.limits = limits }

    /// Returns the first cause of a loss that the readings show; nil if there is none.
    ///
    /// - Parameters:
    ///   - readings: A reading of each rank.
    ///   - now: The time on the observer's clock.
    package mutating func loss(_ readings: [Reading], at now: Duration) -> RankLoss? {
        let wasStopped = last.map { now - $0 > limits.longestGap } ?? true
        last = now
        if tracks.isEmpty { tracks = readings.map { _ in Track(beatRead: now, operationRead: now) } }
        for (rank, reading) in readings.enumerated() { tracks[rank].update(reading, at: now, restarts: wasStopped) }
        return RankLoss.firstCause(of: tracks.map(\.state), limits)
    }
}

extension HeartbeatObserver.Track {
    fileprivate mutating func update(_ reading: HeartbeatObserver.Reading, at now: Duration, restarts: Bool) {
        let beat = reading.beat
        let isLoading = beat.beats == 0 && !reading.isStopped
        if beat.beats != state.beat.beats || isLoading || restarts { beatRead = now }
        if beat.operations != state.beat.operations {
            // The operation has lasted at least until the last reading.
            if state.inOperation >= .seconds(1) { longest[key] = max(longest[key] ?? .zero, state.inOperation) }
            operationRead = now
        }
        if restarts { operationRead = now }
        if reading.hasEnded { endRead = endRead ?? now }
        state.beat = beat
        state.sinceEnd = endRead.map { now - $0 }
        state.silence = isLoading ? nil : now - beatRead
        state.inOperation = now - operationRead
        state.longest = longest[key] ?? .zero
    }

    /// The kind of the rank's operation: its segment and the operation that it waits for, of any action. Steps and
    /// validations consist of the same operations; those of other phases are different ones.
    private var key: String {
        switch state.beat.phase {
        case .firstStep, .training, .validation: state.beat.operation
        default: "\(state.beat.phase) \(state.beat.operation)"
        }
    }
}
