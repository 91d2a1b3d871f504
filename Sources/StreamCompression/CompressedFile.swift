/// The contents of a whole compressed file.
package enum CompressedFile {
    /// A compressed file that cannot be decompressed, described in the words that follow its name.
    package struct DecompressionError: Error, CustomStringConvertible {
        package let description: String
    }

    /// Returns the contents of a gzip or zstd file, or `bytes` itself if its first bytes are not those of either.
    ///
    /// - Throws: ``DecompressionError`` if the file is corrupt, ends early, or has contents of more than `limit` bytes.
    package static func contents(_ bytes: [UInt8], limit: Int = 1 << 31) throws(DecompressionError) -> [UInt8] {
        if bytes.starts(with: [0x1F, 0x8B]) { return try decoded(bytes, GzipDecoder(), limit) }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return try decoded(bytes, ZstandardDecoder(), limit) }
        return bytes
    }

    private static func decoded(
        _ bytes: [UInt8], _ decoder: some StreamDecoder, _ limit: Int
    ) throws(DecompressionError) -> [UInt8] {
        // The decoders' C libraries read and write raw memory.
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
        defer {
            input.deallocate()
            output.deallocate()
        }
        _ = input.initialize(fromContentsOf: bytes)
        output.initialize(repeating: 0)
        var contents: [UInt8] = []
        var position = 0
        while true {
            switch decoder.step(UnsafeMutableBufferPointer(rebasing: input[position...]), output) {
            case .moved(let consumed, let produced):
                position += consumed
                contents += output[..<produced]
                guard contents.count <= limit else {
                    throw DecompressionError(description: "decompresses to more than \(limit) bytes")
                }
                if consumed == 0, produced == 0, position == bytes.count {
                    throw DecompressionError(description: "is truncated: the compressed stream has no end")
                }
            case .finished: return contents
            case .corrupt(let reason): throw DecompressionError(description: "is corrupt: \(reason)")
            }
        }
    }
}
