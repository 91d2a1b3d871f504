extension TraceCollector {
    /// Checks the memory that the events so far take, and the time that the user's expressions have taken.
    ///
    /// - Throws: ``TraceReadError`` that names the limit or the expression.
    func check(_ limits: TraceReadLimits, path: String) throws(TraceReadError) {
        if let error = device.ruleError { throw TraceReadError(path: path, reason: error.reason) }
        let lanes = device.streamCount + host.threads.keys.count + recorded.laneCount
        let nameBytes = device.nameBytes + host.nameBytes + recorded.nameBytes + openNameBytes
        for (count, limit, noun) in [
            (keptEvents, limits.events, "events of devices, launches and ranges"),
            (lanes, limits.lanes, "streams and threads"), (nameBytes, limits.nameBytes, "bytes of distinct names"),
        ] where count > limit {
            throw TraceReadError(path: path, reason: "has more than \(limit) \(noun): profile fewer steps")
        }
    }
}
