import Foundation
import TrainingRuns

#if HAS_LIBTORCH
import PipelineTraining
#endif

extension Options {
    /// The readers of a run's manifest and, with libtorch, of its weights. They read from a run's folder.
    func runReaders() throws -> [Reader] {
        let run = try SavedRun()
        var readers = [
            try Reader("manifest", in: self) { bytes in
                // The manifest ends with the checksum of what is before, which would refuse nearly all damaged files.
                let body = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast(2) : bytes.dropLast(1)
                let digits = String(CRC32C.checksum(body), radix: 16)
                let checksum = String(repeating: "0", count: 8 - digits.count) + digits
                try run.write(body + Array(",\"manifest_crc32c\":\"\(checksum)\"}\n".utf8), "manifest.json")
                let manifest = try WeightsFolder(run.folder).verified().manifest
                require(manifest?.files.allSatisfy { $0.size >= 0 } == true, "a file has a size")
            }
        ]
        #if HAS_LIBTORCH
        readers += [
            try Reader("safetensors", in: self) { bytes in
                try run.write(bytes, "model.safetensors")
                _ = try SavedWeights(run.folder)
            },
            try Reader("weights-index", in: self) { bytes in
                try run.write(bytes, "model.safetensors.index.json")
                _ = try SavedWeights(run.folder)
            },
        ]
        #endif
        return readers
    }
}

/// The folder of a run whose weights are one damaged file after the other.
private final class SavedRun {
    let folder: RunFolder
    private let weights: OpenFolder
    private var name = ""

    init() throws {
        folder = RunFolder(url: Failure.memoryFolder.appending(path: "contraflow-fuzz-run-\(getpid())"))
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        weights = try OpenFolder(folder.url).folder(folder.weights.lastPathComponent, creates: true)
        Failure.removeAtEnd(folder.url.path)
    }

    /// Writes the only file of the weights.
    func write(_ bytes: [UInt8], _ name: String) throws {
        if name != self.name, !self.name.isEmpty { try weights.removeFile(self.name) }
        self.name = name
        try weights.appending(to: name, isEmpty: true).append(Data(bytes))
    }
}
