package import Foundation

extension OpenFolder {
    /// Writes a file of a checkpoint and waits until it has reached the disk.
    ///
    /// - Returns: The entry of the file in the manifest.
    package func writeDurably(_ data: Data, to name: String) throws -> CheckpointManifest.File {
        let checksum = CRC32C.checksum(data)
        try write(data, to: name, isDurable: true)
        try synchronize()
        return CheckpointManifest.File(name: name, size: data.count, crc32c: checksum)
    }
}
