import DistributedRuntime
import ArgumentParser
import Foundation
import LibTorch
import PipelineTraining
import TrainingRecipes

/// Prints the free and total memory of the CUDA devices as JSON. Fails with one line if there are too few devices.
struct ListDevices: ParsableCommand {
    private struct Line: Encodable {
        let free: Int
        let total: Int
    }

    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Show the CUDA devices that ranks can compute on.")

    @Option(help: "The number of ranks on this machine.")
    var ranks = 1

    @Option(help: "The number of ranks that share a device, to try layouts of more ranks than devices.")
    var ranksPerDevice = 1

    func run() throws {
        let devices = try CUDADevices.forRanks(ranks, ranksPerDevice: max(ranksPerDevice, 1))
        let lines = try devices.map {
            let memory = try $0.memory()
            return Line(free: memory.free, total: memory.total)
        }
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(lines) + Data("\n".utf8))
    }
}
