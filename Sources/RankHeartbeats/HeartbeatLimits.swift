/// The times after which ranks count as lost.
package struct HeartbeatLimits: Hashable, Sendable {
    /// The environment variable of ``age``, in seconds.
    package static let variable = "CONTRAFLOW_HEARTBEAT_TIMEOUT"

    /// The age at which a heartbeat counts as missing.
    package var age: Duration

    /// The time that an observer gives its own rank to report the loss of a process before the observer ends the rank.
    package let grace = Duration.milliseconds(500)

    /// The longest time between two readings of an observer. After a longer time, the observer was itself stopped, so
    /// that the ages of all heartbeats start again.
    package var longestGap: Duration { max(age / 3, .seconds(1)) }

    package init(age: Duration = .seconds(15)) { self.age = age }

    /// Reads the limits from CONTRAFLOW_HEARTBEAT_TIMEOUT (default: 15 s). If the variable is 0, no heartbeat is ever too
    /// old.
    ///
    /// - Throws: ``HeartbeatError`` if the value is wrong.
    package init(environment: [String: String]) throws(HeartbeatError) {
        self.init()
        guard let text = environment[Self.variable] else { return }
        guard let seconds = Int(text), (0...86_400).contains(seconds) else {
            throw HeartbeatError("\(Self.variable) is '\(text)': it must be 1 to 86400 seconds, or 0 for no limit")
        }
        age = .seconds(seconds == 0 ? 1 << 32 : seconds)
    }

    /// Returns the time that an operation may take while other ranks wait for it.
    package func budget(_ phase: RankPhase, longest: Duration = .zero) -> Duration {
        max(age * phase.budget, longest * 10)
    }
}

/// Heartbeats cannot be published or observed.
package struct HeartbeatError: Error, Hashable, CustomStringConvertible {
    /// One line: the variable or file, the limit and the remedy.
    package let description: String

    init(_ description: String) { self.description = description }
}
