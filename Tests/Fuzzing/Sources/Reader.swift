import Foundation

/// A reader of untrusted files, with small valid files to damage.
struct Reader {
    let name: String
    /// Reads a damaged file. A refused file throws an error. Any other failure ends the process.
    let read: ([UInt8]) throws -> Void
    /// The valid files.
    let files: [[UInt8]]
    /// The words that replace others: the keys and the values of the valid files.
    let words: [[UInt8]]

    /// A reader whose valid files are in the folder `name` of the corpus.
    init(_ name: String, in options: Options, _ read: @escaping ([UInt8]) throws -> Void) throws {
        let folder = URL(filePath: options.corpus).appending(path: name)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        self.init(name, try names.map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }, read)
    }

    init(_ name: String, _ files: [[UInt8]], _ read: @escaping ([UInt8]) throws -> Void) {
        self.name = name
        self.read = read
        self.files = files
        words = Set(files.flatMap(Self.words)).sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The words of a text, and the words in quotes with their quotes.
    private static func words(_ bytes: [UInt8]) -> [[UInt8]] {
        guard !bytes.contains(0) else { return [] }
        return bytes.split { !($0 | 32 >= 97 && $0 | 32 <= 122 || $0 &- 48 < 10 || "_-\"'[].".utf8.contains($0)) }
            .filter { $0.count < 60 }.map(Array.init)
    }
}

/// Checks a property that holds for every file that is read.
func require(_ holds: Bool, _ property: String) {
    guard !holds else { return }
    FileHandle.standardError.write(Data("this does not hold: \(property)\n".utf8))
    abort()
}
