extension OverlapSimulation {
    /// How long the host was busy: segments that compute, weight gradients and starts of exchanges.
    public var busy: Int64 { makespan - exposed }

    /// How long the host waited for exchanges.
    public var exposed: Int64 { exchanges.reduce(0) { $0 + $1.exposed } }

    /// How long the channel was busy.
    public var communication: Int64 { exchanges.reduce(0) { $0 + $1.interval.upperBound - $1.interval.lowerBound } }

    /// The part of ``communication`` under which the host was busy, 0 to 1; nil without communication. An exchange that
    /// nothing reads counts as hidden.
    public var hiddenShare: Double? {
        communication == 0 ? nil : 1 - Double(exposed) / Double(communication)
    }
}
