import ArgumentParser
import Foundation
import SchedulePlanning
import TOMLKit
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
        let text = String(decoding: try readInput(name), as: UTF8.self)
        do {
            try read(text)
        } catch let error as TOMLParseError {
            let start = error.source.begin
            throw CommandError("\(name): line \(start.line), column \(start.column): \(error.description)")
        } catch let error as ValidationError {
            throw CommandError("\(name): \(error.message)")
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

    private mutating func read(_ text: String) throws {
        if let line = TOMLHeaders.firstWithoutName(in: text) {
            throw ValidationError("line \(line): the section after '[' has no name: write [section]")
        }
        let table = try TOMLTable(string: text)
        guard !table.isEmpty else {
            throw ValidationError("the file has no costs: give at least one; --print-costs writes a file with all keys")
        }
        var names: [String] = []
        func set(_ key: String, _ value: any TOMLValueConvertible) throws {
            names.append(key)
            try read(key, value)
        }
        for key in table.keys.sorted() {
            guard let value = table[key] else { continue }
            if let section = value.table {
                guard CostKey.all.contains(where: { $0.section == key }) else { throw CostTableError.unknownKey(key) }
                guard !section.isEmpty else {
                    throw ValidationError("the section [\(key)] is empty: give its keys, or remove it")
                }
                for inner in section.keys.sorted() {
                    if let value = section[inner] { try set("\(key).\(inner)", value) }
                }
            } else {
                try set(key, value)
            }
        }
        try Self.checkAlternatives(among: names)
    }

    private mutating func read(_ key: String, _ value: any TOMLValueConvertible) throws {
        func number(_ value: any TOMLValueConvertible) throws -> Double {
            guard let number = value.double ?? value.int.map(Double.init) else {
                throw ValidationError(
                    "\(key) is \(value.debugDescription.prefix(40)): give a number or a list of numbers")
            }
            return number
        }
        guard let array = value.array else { return try set(key, [number(value)]) }
        try set(key, (0..<array.count).map { try number(array[$0]) })
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
