import Foundation

/// A kind of file that holds neither plain text nor token ids, recognized by its name or by its first bytes.
enum FileKind: CaseIterable {
    case jsonLines, json, parquet, gzip, zstandard, arrow, numPy, zip, hdf5, megatronIndex

    /// Recognizes a file; nil if it may be text or token ids.
    init?(path: String, start: Data) {
        let name = path.lowercased()
        let kind = Self.allCases.first { kind in
            kind.endings.contains { name.hasSuffix($0) } || kind.magics.contains { start.starts(with: $0) }
        }
        guard let kind = kind ?? (Self.isJSONLines(start) ? .jsonLines : nil) else { return nil }
        self = kind
    }

    private var endings: [String] {
        switch self {
        case .jsonLines: [".jsonl", ".ndjson"]
        case .json: [".json"]
        case .parquet: [".parquet"]
        case .gzip: [".gz"]
        case .zstandard: [".zst"]
        case .arrow: [".arrow", ".feather"]
        case .numPy: [".npy"]
        case .zip: [".zip", ".npz", ".pt", ".pth"]
        case .hdf5: [".h5", ".hdf5"]
        case .megatronIndex: [".idx"]
        }
    }

    /// The first bytes of such a file. They are at least four, so that token ids hardly ever equal them.
    private var magics: [[UInt8]] {
        switch self {
        case .jsonLines, .json: []
        case .parquet: [Array("PAR1".utf8)]
        case .gzip: [[0x1F, 0x8B, 8, 0], [0x1F, 0x8B, 8, 8]]
        case .zstandard: [[0x28, 0xB5, 0x2F, 0xFD]]
        case .arrow: [Array("ARROW1".utf8)]
        case .numPy: [[0x93] + Array("NUMPY".utf8)]
        case .zip: [[0x50, 0x4B, 3, 4]]
        case .hdf5: [[0x89, 0x48, 0x44, 0x46]]
        case .megatronIndex: [Array("MMIDIDX".utf8)]
        }
    }

    /// Whether the first line of text is a whole JSON object.
    private static func isJSONLines(_ start: Data) -> Bool {
        guard start.first == UInt8(ascii: "{"), let end = start.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        return (try? JSONSerialization.jsonObject(with: start[start.startIndex..<end])) is [String: Any]
    }

    /// Returns the kind of the file and the remedy, as the end of a sentence.
    func remedy(forFile path: String) -> String {
        let tokenize =
            "make token ids with 'python -m contraflow.tokenize --tokenizer tokenizer.json \(path) -o tokens/'"
        let bytes = "set training.dataset_format to uint8 to train on its bytes"
        return switch self {
        case .jsonLines: "JSON lines, not text: \(tokenize), or \(bytes)"
        case .json: "JSON, not text: write its texts to a text file or to JSON lines, or \(bytes)"
        case .parquet: "a Parquet file, not text: \(tokenize)"
        case .gzip: "compressed by gzip: decompress it, or \(tokenize)"
        case .zstandard: "compressed by zstd: decompress it, or \(tokenize)"
        case .arrow: "an Arrow file, not text: write it as Parquet or JSON lines, then \(tokenize)"
        case .numPy: "a NumPy array with a header: write its ids alone with 'array.tofile(\"tokens.bin\")'"
        case .zip: "an archive, not text: give the files in it"
        case .hdf5: "an HDF5 file, not text: write its texts to a text file or to JSON lines"
        case .megatronIndex: "the index of a data set of Megatron-LM, not token ids: give the .bin file beside it"
        }
    }
}
