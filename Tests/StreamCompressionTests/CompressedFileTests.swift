import CZstd
import Foundation
import StreamCompression
import Testing

@Suite("Compressed files") struct CompressedFileTests {
    private func zstd(_ bytes: [UInt8]) -> [UInt8] {
        var file = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let size = ZSTD_compress(&file, file.count, bytes, bytes.count, 3)
        return Array(file[..<size])
    }

    @Test("gzip and zstd files give their contents, and other files themselves", arguments: contentSizes)
    func contents(size: Int) throws {
        let bytes = Content.repetitive.bytes(size)
        #expect(try CompressedFile.contents([UInt8](GzipEncoder.encode(Data(bytes)))) == bytes)
        #expect(try CompressedFile.contents(zstd(bytes)) == bytes)
        #expect(try CompressedFile.contents(bytes) == bytes)
    }

    @Test("Truncated, corrupt and overlong files are refused")
    func badFilesAreRefused() {
        let bytes = Content.random.bytes(5000)
        // A frame of zstd has no checksum here, so its header is damaged.
        for (file, damage) in [([UInt8](GzipEncoder.encode(Data(bytes))), 20..<40), (zstd(bytes), 4..<8)] {
            func message(_ file: [UInt8], limit: Int = 1 << 20) -> String {
                do {
                    _ = try CompressedFile.contents(file, limit: limit)
                    return ""
                } catch {
                    return "\(error)"
                }
            }
            #expect(message(file).isEmpty)
            for length in [4, 20, file.count - 5] { #expect(message(Array(file[..<length])).contains("is truncated")) }
            var damaged = file
            for index in damage { damaged[index] = 0xFF }
            #expect(!message(damaged).isEmpty)
            #expect(message(file, limit: 4999) == "decompresses to more than 4999 bytes")
        }
    }
}
