/// Reads the layers of the expert map that Ascend's engines and verl exchange: a list of layers, each with a list of
/// devices and their experts.
enum AscendExpertMap {
    private struct Layer {
        var id: Int?
        var deviceCount: Int?
        var devices: [[Int32]] = []
    }

    /// Reads the value of `layer_list`.
    static func read(_ scanner: inout JSONTableScanner) throws -> PlacementFile {
        var layers: [Layer] = []
        try scanner.array { scanner in
            let layer = try readLayer(&scanner)
            guard layer.deviceCount ?? layer.devices.count == layer.devices.count else {
                throw scanner.keyFailure(
                    "device_count is \(layer.deviceCount ?? 0), but device_list has "
                        + "\(layer.devices.count.counted("device"))")
            }
            // The engines ignore the identifiers and use the order of the list.
            if let last = layers.last?.id, let id = layer.id, id <= last {
                throw scanner.keyFailure(
                    "layer_id \(id) follows \(last): engines use the order of the list, so sort it")
            }
            if let first = layers.first, first.devices.map(\.count) != layer.devices.map(\.count) {
                throw scanner.keyFailure("a layer has other numbers of experts per device than the first layer")
            }
            layers.append(layer)
            let slots = layer.devices.reduce(0) { $0 + $1.count }
            do throws(FileFormatError) {
                try TableLimits.check(layers: layers.count, columns: slots, "slot")
            } catch {
                throw scanner.keyFailure(error.description)
            }
        }
        return PlacementFile(
            rows: layers.map { $0.devices.flatMap(\.self) }, slotsPerDevice: layers.first?.devices.map(\.count) ?? [])
    }

    private static func readLayer(_ scanner: inout JSONTableScanner) throws -> Layer {
        var layer = Layer()
        try scanner.object { scanner, key in
            switch key {
            case "layer_id": layer.id = try scanner.integer()
            case "device_count": layer.deviceCount = try scanner.integer()
            case "device_list":
                try scanner.array { scanner in
                    layer.devices.append(try readDevice(&scanner, index: layer.devices.count))
                }
            default: throw unknown(key, &scanner, "layer_id, device_count and device_list")
            }
        }
        return layer
    }

    private static func readDevice(_ scanner: inout JSONTableScanner, index: Int) throws -> [Int32] {
        var experts: [Int32] = []
        try scanner.object { scanner, key in
            switch key {
            case "device_id":
                let id = try scanner.integer()
                guard id == index else {
                    throw scanner.keyFailure(
                        "device_id \(id) is at position \(index): engines use the order of the list, so sort it")
                }
            case "device_expert":
                try scanner.array { scanner in
                    guard let expert = Int32(exactly: try scanner.integer()) else {
                        throw scanner.keyFailure("an expert is out of range: give indices of experts")
                    }
                    experts.append(expert)
                }
            default: throw unknown(key, &scanner, "device_id and device_expert")
            }
        }
        return experts
    }

    private static func unknown(_ key: String, _ scanner: inout JSONTableScanner, _ known: String) -> FileFormatError {
        scanner.keyFailure("unknown key '\(key.prefix(40))': known keys are \(known)")
    }
}
