import Foundation
import Testing

@Suite struct OwnModelTests {
    private static let isBuilt = FileManager.default.isExecutableFile(
        atPath: Command.products.appending(path: "own-model").path)

    /// The last line reports the error on unseen fields, in percent of the change of the field.
    @Test("The example model predicts unseen fields with an error below 10 %", .enabled(if: isBuilt))
    func theExampleLearns() throws {
        let command = try Command(
            arguments: [], program: Command.products.appending(path: "own-model"))
        #expect(command.status == 0, "\(command.errors)")
        let lines = command.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count == 3 && lines.allSatisfy { $0.count > 3 })
        let missed = try #require(lines.last.flatMap { Double($0[3]) })
        #expect(missed < 10)
    }
}
