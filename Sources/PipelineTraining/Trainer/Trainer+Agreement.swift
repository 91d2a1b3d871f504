import DistributedRuntime
import TrainingRuns

extension Trainer {
    /// Runs `body` on every rank. If it fails on one rank, the method throws on every rank.
    ///
    /// - Parameter count: The number of numbers that `body` returns.
    /// - Returns: The numbers of all ranks, in the order of ranks.
    /// - Throws: The rank's own error or, if only others have failed, `SavedStateError` that names the first of them.
    func onEveryRank(count: Int = 0, _ body: () throws -> [Int]) throws -> [[Int]] {
        let own = Result(catching: body)
        guard let control else { return [try own.get()] }
        let message: [Int] =
            switch own {
            case .success(let numbers): [0] + numbers
            case .failure(let error):
                [(error as? RunFileError).map { Int($0.code) } ?? 0].map { $0 == 0 ? -1 : $0 }
                    + repeatElement(0, count: count)
            }
        let rows = try control.allGather(message)
        _ = try own.get()
        if let rank = rows.firstIndex(where: { $0[0] != 0 }) {
            let reason = rows[rank][0] > 0 ? RunFileError.reason(Int32(rows[rank][0])) : "see its log"
            throw SavedStateError("rank \(rank) cannot use its files: \(reason)", isOfOtherRank: true)
        }
        return rows.map { Array($0.dropFirst()) }
    }
}
