import ArgumentParser
import Foundation
import TrainingRuns
import TrainingRecipes

/// Prints versions and resources of this machine, and what training lacks.
struct DoctorCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show versions, cores and memory, and check whether this machine can train.",
        discussion: """
            Examples:
              contraflow doctor
              contraflow doctor --format json
            """)

    @Option(help: "Output format.")
    var format: Format = .table

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let findings = await findings()
        switch format {
        case .table:
            try output.write(
                findings.map { "\($0.name.padding(toLength: 11, withPad: " ", startingAt: 0)) \($0.text)\n" }.joined())
        case .json:
            let document = findings.reduce(["version": 1] as JSONObject) { $0.adding([$1.name: $1.text]) }
            try output.write(document.text)
        }
    }

    private func cuda(_ worker: WorkerProgram) async -> String {
        do {
            let devices = try await worker.devices()
            let memory = devices.map {
                "\(Recipe.memoryText(Double($0.total))), \(Recipe.memoryText(Double($0.free))) free"
            }
            return "\(counted(devices.count, "device")): \(memory.joined(separator: "; "))"
        } catch {
            return "none: \(error)"
        }
    }

    private func findings() async -> [(name: String, text: String)] {
        let process = ProcessInfo.processInfo
        let memory = MachineMemory.now()
        let free = memory.available.map { ", \(Recipe.memoryText($0)) free" } ?? ""
        var findings: [(name: String, text: String)] = [
            ("contraflow", contraflowVersion),
            ("system", process.operatingSystemVersionString),
            ("cores", String(process.activeProcessorCount)),
            ("memory", Recipe.memoryText(memory.total) + free),
        ]
        do {
            let worker = try WorkerProgram.find()
            findings.append(("worker", worker.path))
            let version = try await worker.version()
            findings.append(("libtorch", "\(version.libtorch) from \(version.libtorchPath)"))
            findings.append(("cuda", await cuda(worker)))
            findings.append(("training", "ready"))
        } catch {
            findings.append(("training", "not possible: \(error)"))
        }
        let texts = Recipe.TrainingSection().datasetPath.joined(separator: ", ")
        let hasTexts = FileManager.default.fileExists(atPath: texts)
        findings.append(
            ("data", hasTexts ? texts : "\(texts) is missing: run 'make data', or train on your own text with --data"))
        return findings
    }
}
