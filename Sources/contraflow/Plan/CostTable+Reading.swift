import ArgumentParser
import Foundation
import SchedulePlanning
import TrainingRecipes
import TrainingRuns

extension CostTable {
    /// Reads the costs that a name stands for: those of a preset, of a TOML file, or those that a training run
    /// measured, given by its folder.
    init(named name: String) throws {
        if let known = CostPreset.all.first(where: { $0.name == name }) {
            self.init(known)
            return
        }
        guard name.standsForFile else {
            let names = CostPreset.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there are no costs '\(name)': give one of \(names), a TOML file or a run's folder")
        }
        self.init()
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue {
            try setMeasured(RunCosts(ofRun: name))
            return
        }
        let text = String(decoding: try readInput(name, limit: TOMLCheck.byteLimit), as: UTF8.self)
        do {
            try read(toml: text)
        } catch let error as TOMLError {
            throw CommandError("\(name): \(error)")
        } catch let error as CostTableError {
            throw CommandError("\(name): \(error.usageError.message)")
        }
    }

    /// Sets the measured costs of a run. The costs of a rank's share are those of all stages that a rank held.
    private mutating func setMeasured(_ measured: RunCosts) throws {
        let costs = measured.costs
        func milliseconds(_ part: (StageCosts) -> Int64) -> [Double] {
            costs.stages.map { Double(part($0) * Int64(measured.stagesPerRank)) / 1e6 }
        }
        try set("forward", milliseconds(\.forward))
        try set("input-gradient", milliseconds(\.inputGradient))
        try set("weight-gradient", milliseconds(\.weightGradient))
        try set("overlap-saving", [costs.overlapSaving])
        try set("transfer", [Double(costs.transfer) / 1e6])
    }
}

extension CostTableError {
    /// The error as a usage error, which suggests the nearest known key.
    var usageError: ValidationError {
        guard case .unknownKey(let name) = self else { return ValidationError(description) }
        let near = NearName.of(name, among: CostKey.all.map(\.name))
        let hint = near.map { "did you mean '\($0)'?" } ?? "--print-costs lists all keys"
        return ValidationError("\(description): \(hint)")
    }
}
