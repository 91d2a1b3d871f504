import Foundation
package import TrainingRecipes

/// The content of `manifest.json`, which completes a checkpoint or saved weights: the state that the files hold, and
/// the size and checksum of each file.
///
/// The manifest is written after all other files. The file ends with its own checksum, so that every change of a byte
/// is found.
package struct CheckpointManifest: Hashable, Codable, Sendable {
    /// A file of the checkpoint.
    package struct File: Hashable, Codable, Sendable {
        package var name: String
        /// The number of bytes.
        package var size: Int
        /// The checksum of all bytes: CRC32C.
        package var crc32c: UInt32

        package init(name: String, size: Int, crc32c: UInt32) {
            self.name = name
            self.size = size
            self.crc32c = crc32c
        }

        /// Checks the checksum of the file.
        ///
        /// - Throws: ``SavedStateError`` or ``RunFileError`` that names the file.
        package func verify(in folder: OpenFolder) throws {
            guard try folder.file(name).checksum() == crc32c else {
                throw SavedStateError(
                    "\(folder.path)/\(name) is damaged: its checksum is not the one in \(CheckpointManifest.fileName)")
            }
        }
    }

    /// The version of the format.
    package var version = Self.version
    /// The step after which the checkpoint was saved.
    package var step: Int
    /// The resolved recipe of the run as TOML; nil for a model without a recipe.
    package var recipe: String?
    /// The data that the model was trained on; nil for a model without a recipe.
    package var data: DataIdentity?
    /// The validation loss after the step; nil if the step had no validation.
    package var validationLoss: Double?
    /// Whether the step's loss or gradient norm was far outside of the range of the steps before.
    package var isOutlier = false
    /// The numbers of the batches that training left out, in increasing order.
    package var skippedBatches: [Int] = []
    package var files: [File] = []

    package init(step: Int, recipe: Recipe? = nil, data: DataIdentity? = nil) {
        self.step = step
        self.recipe = recipe?.toml()
        self.data = data
    }

    package static let fileName = "manifest.json"
    private static let version = 2
    /// The largest size that is read, in bytes: a hundred thousand files.
    private static let sizeLimit = 1 << 24
    private static let checksumKey = #","manifest_crc32c":""#

    /// Returns the content of the file.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let body = try encoder.encode(self).dropLast()
        return body + Data("\(Self.checksumKey)\(Self.checksum(body))\"}\n".utf8)
    }

    /// Reads the manifest in a folder and checks that its files exist with their sizes.
    ///
    /// - Throws: ``SavedStateError`` or ``RunFileError`` that names the file that is missing, damaged or not of this
    ///   format.
    static func read(in folder: OpenFolder) throws -> CheckpointManifest {
        let path = "\(folder.path)/\(fileName)"
        let data = try folder.read(fileName, limit: sizeLimit)
        let ending = checksumKey.utf8.count + 8 + 3
        let body = data.dropLast(ending)
        guard data.count > ending, data.suffix(ending) == Data("\(checksumKey)\(checksum(body))\"}\n".utf8) else {
            throw SavedStateError("\(path) is damaged: its checksum does not match")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let result = try? decoder.decode(CheckpointManifest.self, from: body + Data("}".utf8)),
            result.version == version
        else {
            throw SavedStateError("\(path) is not a manifest of version \(version): it was written by another version")
        }
        for file in result.files {
            let size = try folder.file(file.name).size
            guard size == file.size else {
                throw SavedStateError(
                    "\(folder.path)/\(file.name) is damaged: it has \(size) bytes, and \(fileName) lists \(file.size)")
            }
        }
        return result
    }

    private static func checksum(_ bytes: Data) -> String {
        let digits = String(CRC32C.checksum(bytes), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
