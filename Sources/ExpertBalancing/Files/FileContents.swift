/// The contents of a file in one of the formats that readers know.
enum FileContents {
    case json(UnsafeBufferPointer<UInt8>)
    case numPy(UnsafeBufferPointer<UInt8>)
    /// Any other text.
    case text(UnsafeBufferPointer<UInt8>)
    case empty

    /// Recognizes the format by the first bytes.
    ///
    /// - Parameters:
    ///   - name: The name of the file, for commands in messages.
    ///   - key: The key of the wanted table in a PyTorch file.
    /// - Throws: ``FileFormatError`` if the file has a known format that is not read. The error has the command that
    ///   converts the file.
    init(_ contents: UnsafeBufferPointer<UInt8>, name: String, key: String) throws {
        let hasMark = contents.starts(with: [0xEF, 0xBB, 0xBF])
        let bytes = hasMark ? UnsafeBufferPointer(rebasing: contents[3...]) : contents
        try Self.refuseForeign(bytes, name, key)
        if bytes.starts(with: NumPyTable.magic) {
            self = .numPy(bytes)
            return
        }
        switch bytes.first(where: { !JSONTableScanner.isSpace($0) }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): self = .json(bytes)
        case nil: self = .empty
        default: self = .text(bytes)
        }
    }

    private static func refuseForeign(_ bytes: UnsafeBufferPointer<UInt8>, _ name: String, _ key: String) throws {
        if bytes.starts(with: [0x1F, 0x8B]) {
            throw FileFormatError("the file is compressed with gzip: decompress it with 'gzip -dk' first")
        }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            throw FileFormatError("the file is compressed with zstd: decompress it with 'zstd -dk' first")
        }
        let end = name.lastIndex(of: ".").flatMap { name[$0...].contains("/") ? nil : $0 } ?? name.endIndex
        let stem = name[..<end]
        if bytes.starts(with: [0x50, 0x4B]), String(decoding: bytes.prefix(256), as: UTF8.self).contains(".npy") {
            throw FileFormatError(
                "the file is an .npz archive: save one array with python3 -c \"import numpy; a = numpy.load('\(name)'); "
                    + "numpy.save('\(stem).npy', a[a.files[0]])\"")
        }
        // PyTorch writes archives, and before version 1.6 pickles.
        if bytes.starts(with: [0x50, 0x4B]) || bytes.starts(with: [0x80, 0x02]) {
            throw FileFormatError(
                "the file is PyTorch's: convert it with python3 -c \"import json, torch; d = torch.load('\(name)', "
                    + "weights_only=True, map_location='cpu'); t = d['\(key)'] if isinstance(d, dict) else d; "
                    + "json.dump({'\(key)': t.tolist()}, open('\(stem).json', 'w'))\"")
        }
        let isText = !bytes.prefix(64).contains(0)
        guard isText || bytes.starts(with: NumPyTable.magic) else {
            throw FileFormatError("the file is binary, but not NumPy's .npy: give JSON, CSV or .npy")
        }
    }
}
