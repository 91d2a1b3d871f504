import ArgumentParser
import Foundation

/// Prints what this machine has and what is missing.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show versions, cores, memory and what is missing.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let processes = ProcessInfo.processInfo
        let gibibytes = Double(processes.physicalMemory) / Double(1 << 30)
        var lines = [
            ("contraflow", Contraflow.version),
            ("system", processes.operatingSystemVersionString),
            ("cores", String(processes.activeProcessorCount)),
            ("memory", String(Int(gibibytes.rounded())) + " GiB"),
        ]
        do {
            let worker = try WorkerProgram.find()
            lines.append(("worker", "\(worker.path) \(try worker.version())"))
        } catch {
            lines.append(("worker", "missing: \(error)"))
        }
        try output.write(lines.map { "\($0.0.padding(toLength: 12, withPad: " ", startingAt: 0))\($0.1)\n" }.joined())
    }
}
