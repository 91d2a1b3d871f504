import DistributedRuntime
import Foundation
import PipelineRuntime
import TrainingRuns

/// A rank's part in saving checkpoints, in the background of training.
///
/// ``begin(_:)`` copies the state of the rank, and a thread writes the copy. The steps that follow sum ``report`` over
/// all ranks. Once all have written, rank 0 completes the checkpoint with its manifest.
final class CheckpointSaver {
    private let trainer: Trainer
    private let folder: CheckpointFolder
    private let keptCount: Int
    /// The checkpoint that is being written, the same on every rank.
    private var current: (manifest: CheckpointManifest, write: BackgroundWork<CheckpointManifest.File>)?
    /// The completion on rank 0.
    private var commit: (step: Int, work: BackgroundWork<[String]>)?
    /// The step of the last complete checkpoint, as far as this rank knows.
    private var lastStep: Int

    private var worldSize: Int { trainer.control?.size ?? 1 }

    /// - Parameters:
    ///   - count: The number of the newest checkpoints that are kept.
    ///   - lastStep: The step of the checkpoint that training continues from; 0 if there is none.
    init(_ trainer: Trainer, url: URL, keepingLatest count: Int, lastStep: Int = 0) {
        self.trainer = trainer
        self.lastStep = lastStep
        folder = CheckpointFolder(url: url)
        keptCount = count
    }

    /// Copies the state of this rank and begins to write it. All ranks must call it. A checkpoint that is still being
    /// written is waited for.
    ///
    /// - Returns: The problems of the checkpoints before, in one line each, on rank 0.
    @discardableResult
    func begin(_ manifest: CheckpointManifest) throws -> [String] {
        let problems = try settle()
        var file = SafetensorsFile()
        try trainer.parameters.addState(to: &file)
        let data = try file.data()
        let name = CheckpointFolder.fileName(rank: trainer.rank)
        current = (
            manifest,
            BackgroundWork { [folder] in
                try folder.folder(step: manifest.step, creates: true).writeDurably(data, to: name)
            }
        )
        return problems
    }

    /// The numbers of this rank that the next step sums over all ranks; none if no checkpoint is being written.
    var report: [Double] {
        guard let current else { return [] }
        var numbers = [Double](repeating: 0, count: 3 * worldSize)
        numbers.replaceSubrange(3 * trainer.rank..<3 * trainer.rank + 3, with: Self.numbers(current.write.result))
        return numbers
    }

    /// Takes the sums of ``report`` over all ranks.
    ///
    /// - Returns: The problems, in one line each, on rank 0.
    func take(_ sums: [Double]) -> [String] {
        var problems: [String] = []
        if commit?.work.result != nil { problems += endCommit() }
        guard current != nil, !sums.isEmpty else { return problems }
        let rows = (0..<worldSize).map { Array(sums[3 * $0..<3 * $0 + 3]) }
        if rows.allSatisfy({ $0 != Self.unfinished }) { problems += complete(rows) }
        return problems
    }

    /// Waits until the current checkpoint is complete or has failed. All ranks must call it.
    ///
    /// - Returns: The step of the last complete checkpoint, the same on every rank, and the problems on rank 0.
    func finish() throws -> (lastStep: Int, problems: [String]) {
        let problems = try settle() + endCommit()
        lastStep = try trainer.onEveryRank(count: 1) { [lastStep] }[0][0]
        return (lastStep, problems)
    }

    /// Waits until all ranks have written the current checkpoint.
    private func settle() throws -> [String] {
        guard let current else { return endCommit() }
        let own = Self.numbers(current.write.wait())
        let rows = try trainer.control?.allGather(own.map { Int($0) }).map { $0.map(Double.init) } ?? [own]
        return complete(rows) + endCommit()
    }

    /// Ends the writing of the current checkpoint, after all ranks have written or failed.
    private func complete(_ rows: [[Double]]) -> [String] {
        guard var manifest = current?.manifest else { return [] }
        current = nil
        guard trainer.rank == 0 else { return [] }
        if let failed = rows.firstIndex(where: { $0[2] != 0 }) {
            let reason = rows[failed][2] > 0 ? RunFileError.reason(Int32(rows[failed][2])) : "see its log"
            return [abandon(manifest.step, "rank \(failed) cannot write its file: \(reason)")]
        }
        manifest.files = rows.enumerated().map { rank, numbers in
            CheckpointManifest.File(
                name: CheckpointFolder.fileName(rank: rank), size: Int(numbers[0]), crc32c: UInt32(numbers[1]))
        }
        let problems = endCommit()
        commit = (
            manifest.step,
            BackgroundWork { [folder, keptCount, manifest] in
                try folder.commit(manifest, keepingLatest: keptCount)
            }
        )
        return problems
    }

    /// Waits for the completion of a checkpoint on rank 0.
    private func endCommit() -> [String] {
        guard let commit else { return [] }
        self.commit = nil
        switch commit.work.wait() {
        case .success(let problems):
            lastStep = commit.step
            return problems
        case .failure(let error): return [abandon(commit.step, "\(error)")]
        }
    }

    /// Removes the files of a checkpoint that was not saved, and returns the problem in one line.
    private func abandon(_ step: Int, _ reason: String) -> String {
        try? folder.removeLeftovers(ofStep: step)
        let last = lastStep > 0 ? "the last complete one is of step \(lastStep)" : "there is none yet"
        return "the checkpoint of step \(step) was not saved: \(reason); \(last)"
    }

    private static let unfinished = [0.0, 0, 0]

    /// Returns the size, the checksum and the error of a written file: the system's error number, or -1.
    private static func numbers(_ result: Result<CheckpointManifest.File, any Error>?) -> [Double] {
        switch result {
        case nil: unfinished
        case .success(let file): [Double(file.size), Double(file.crc32c), 0]
        case .failure(let error as RunFileError) where error.code != 0: [0, 0, Double(error.code)]
        case .failure: [0, 0, -1]
        }
    }
}
