import Foundation
package import TrainingRecipes

/// The identity of a dataset: the number and the size of its files, and a checksum of samples of their content.
package struct DataIdentity: Hashable, Codable, Sendable {
    /// The number of files.
    let files: Int
    /// The number of bytes of all files.
    let bytes: Int
    /// The checksum (CRC32C) of the size of each file and of up to 1024 blocks of 64 bytes at even distances.
    let crc32c: UInt32

    /// Computes the identity. Large files are not read as a whole.
    package init(_ files: TokenFiles) {
        var checksum = CRC32C()
        for file in files.files {
            withUnsafeBytes(of: UInt64(file.bytes.count).littleEndian) { checksum.add($0) }
            file.bytes.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count, by: max(bytes.count / 1024, 64)) {
                    checksum.add(UnsafeRawBufferPointer(rebasing: bytes[offset..<min(offset + 64, bytes.count)]))
                }
            }
        }
        self.files = files.files.count
        bytes = files.byteCount
        crc32c = checksum.checksum
    }
}
