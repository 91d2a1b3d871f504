import Foundation

extension RendezvousServer {
    /// Waits until all ranks have opened the store, for at most CONTRAFLOW_RENDEZVOUS_TIMEOUT. Rank 0 decides, so that
    /// all ranks throw the same error.
    ///
    /// - Throws: `RendezvousError` that names the ranks that are missing.
    func waitForRanks(_ worldSize: Int, rank: Int, in store: RendezvousStore) throws {
        let keys = (0..<worldSize).map { "rank-\($0)" }
        let isOpen: [UInt8] = Array("open".utf8)
        let result = "result"
        try store.set(keys[rank], isOpen)
        try store.addKey(result)
        if rank == 0 {
            for key in keys { try store.addKey(key) }
            let deadline = Date(timeIntervalSinceNow: Double(seconds))
            var missing: [Int] = []
            repeat {
                if !missing.isEmpty { Thread.sleep(forTimeInterval: Self.interval) }
                let values = try store.values(of: keys)
                missing = keys.indices.filter { values[$0] != isOpen }
            } while !missing.isEmpty && Date() < deadline
            try store.set(result, Array((missing.isEmpty ? Self.complete : absence(of: missing)).utf8))
            // The store may end with rank 0.
            if !missing.isEmpty { Thread.sleep(forTimeInterval: 10 * Self.interval) }
        }
        while true {
            let text = String(decoding: try store.values(of: [result])[0], as: UTF8.self)
            if text == Self.complete { return }
            guard text == "-" else { throw RendezvousError(text) }
            Thread.sleep(forTimeInterval: Self.interval)
        }
    }

    private static let complete = "complete"
    /// The seconds between two readings of the store.
    private static let interval = 0.05

    private func absence(of ranks: [Int]) -> String {
        let names = ranks.prefix(8).map(String.init).joined(separator: ", ") + (ranks.count > 8 ? ", …" : "")
        return "\(ranks.count == 1 ? "rank \(names) has" : "ranks \(names) have") not joined \(host):\(port) after "
            + "\(seconds) s: check that all ranks are started, or raise CONTRAFLOW_RENDEZVOUS_TIMEOUT"
    }
}
