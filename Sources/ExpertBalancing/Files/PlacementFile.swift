/// A map of slots to experts in a file, before it is known which loads and devices it belongs to.
public struct PlacementFile: Sendable {
    /// The expert of each slot: one row per layer, or one row for all layers.
    let rows: [[Int32]]
    /// The layer of each row, ascending; nil if the file does not name layers of the model.
    var layers: [Int]?
    /// The number of slots of each device; nil if the file does not divide the slots.
    public private(set) var slotsPerDevice: [Int]?

    /// The keys of a placement beside its map, as `contraflow balance` writes them.
    private static let ignoredKeys: Set<String> = [
        "version", "logical_to_physical_map", "expert_count", "policy", "measures", "migration", "notes",
    ]

    init(rows: [[Int32]], layers: [Int]? = nil, slotsPerDevice: [Int]? = nil) {
        self.rows = rows
        self.layers = layers
        self.slotsPerDevice = slotsPerDevice
    }

    /// The number of slots per layer.
    public var slotCount: Int { rows.first?.count ?? 0 }

    /// Reads a map from the contents of a file. The first bytes decide the format:
    ///
    /// - JSON as an array, as vLLM's `initial_expert_map_path`: one row of slots for all layers, or a row per layer.
    /// - JSON with the key `physical_to_logical_map`, as SGLang reads it and `contraflow balance` writes it.
    /// - JSON with the keys `moe_layer_count` and `layer_list`, the expert map of Ascend's engines.
    /// - TensorRT-LLM's YAML with the key `initial_global_assignments`.
    /// - NumPy's `.npy` with one row per layer.
    ///
    /// - Parameters:
    ///   - contents: The bytes of the file, not compressed.
    ///   - name: The name of the file, for the commands in messages.
    /// - Throws: ``FileFormatError`` if the contents have another format.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], name: String = "FILE") throws {
        self = try contents.withUnsafeBufferPointer { bytes in
            switch try FileContents(bytes, name: name, key: "physical_to_logical_map") {
            case .empty: throw FileFormatError("the file is empty: give a map of slots to experts")
            case .numPy(let bytes): PlacementFile(rows: try NumPyTable.read(bytes).integerRows())
            case .json(let bytes): try Self.read(json: bytes)
            case .text(let bytes): try TensorRTAssignments.read(bytes)
            }
        }
    }

    private static func read(json bytes: UnsafeBufferPointer<UInt8>) throws -> PlacementFile {
        var scanner = JSONTableScanner(bytes)
        var file: PlacementFile?
        var layerCount: Int?
        var slotsPerDevice: [Int]?
        if scanner.isAtArray {
            file = PlacementFile(rows: try scanner.table().integerRows())
        } else {
            try scanner.object { scanner, key in
                switch key {
                case "physical_to_logical_map": file = PlacementFile(rows: try scanner.table().integerRows())
                case "layer_list": file = try AscendExpertMap.read(&scanner)
                case "shape": slotsPerDevice = try slots(ofShape: &scanner)
                case "moe_layer_count": layerCount = try scanner.integer()
                case "logical_count":
                    throw scanner.keyFailure(
                        "'logical_count' holds loads, not a placement: give a map of slots to experts")
                case _ where ignoredKeys.contains(key): try scanner.skipValue()
                default:
                    throw scanner.keyFailure(
                        "unknown key '\(key.prefix(40))': a placement is read from physical_to_logical_map or layer_list"
                    )
                }
            }
        }
        try scanner.end()
        guard var file else {
            throw FileFormatError("the object has no placement: give it under 'physical_to_logical_map'")
        }
        if let layerCount, layerCount != file.rows.count {
            throw FileFormatError(
                "moe_layer_count is \(layerCount), but layer_list has \(file.rows.count.counted("layer")): write the file "
                    + "again")
        }
        if let slotsPerDevice {
            guard slotsPerDevice.reduce(0, +) == file.slotCount else {
                throw FileFormatError(
                    "slots_per_device is \(slotsPerDevice), but a layer has \(file.slotCount.counted("slot")): write the "
                        + "file again")
            }
            file.slotsPerDevice = slotsPerDevice
        }
        return file
    }

    /// Returns the numbers of slots in the `shape` of Contraflow's own files.
    private static func slots(ofShape scanner: inout JSONTableScanner) throws -> [Int]? {
        var slots: [Int]?
        try scanner.object { scanner, key in
            guard key == "slots_per_device" else { return try scanner.skipValue() }
            var counts: [Int] = []
            try scanner.array { scanner in
                let count = try scanner.integer()
                guard (0...Int(Int32.max)).contains(count) else {
                    throw scanner.keyFailure("slots_per_device has \(count): give numbers from 0 to \(Int32.max)")
                }
                counts.append(count)
            }
            slots = counts
        }
        return slots
    }

    /// Returns the placement for `loads`, and a line that says which rows were used for which layers if that is not
    /// plain.
    ///
    /// One row is used for all layers. A file with one row per layer that has load, such as the MoE layers of a model,
    /// leaves the other layers without a placement of their own; they get the experts in order.
    ///
    /// - Parameters:
    ///   - loads: The loads.
    ///   - deviceOffsets: The first slot of each device, then the number of slots. A file that divides the slots among
    ///     the devices, see ``slotsPerDevice``, keeps its own numbers, for the same number of devices.
    /// - Throws: ``FileFormatError`` if the file has other layers, slots or devices, ``PlacementError`` if a row is not a
    ///   placement of the experts.
    /// - Complexity: O(layers × slots).
    public func placement(for loads: ExpertLoads, deviceOffsets: [Int]) throws -> (placement: Placement, note: String?)
    {
        let ownOffsets = slotsPerDevice?.offsets
        guard ownOffsets == nil || ownOffsets?.count == deviceOffsets.count else {
            throw disagreement(loads, deviceOffsets)
        }
        let deviceOffsets = ownOffsets ?? deviceOffsets
        let slots = deviceOffsets.last ?? 0
        guard rows.allSatisfy({ $0.count == slots }) else { throw disagreement(loads, deviceOffsets) }
        try TableLimits.check(layers: loads.layerCount, columns: slots, "slot")
        let loaded = (0..<loads.layerCount).filter { loads.total(ofLayer: $0) > 0 }
        let layersOfRows: [Int]
        var note: String?
        if rows.count == 1, layers == nil {
            layersOfRows = []
            note = loads.layerCount > 1 ? "its one row of slots is used for all \(loads.layerCount) layers" : nil
        } else if let layers, layers.count == loads.layerCount, loaded.count == layers.count,
            let first = layers.first, let last = layers.last, last >= loads.layerCount
        {
            // The loads have the MoE layers alone, and the file names them as layers of the model.
            layersOfRows = loaded
            note =
                first == last
                ? "its layer \(first) is the layer of the loads"
                : "its layers \(first) to \(last) are the \(loaded.count) layers of the loads in order"
        } else if let layers {
            guard Set(loaded).isSubset(of: layers), layers.allSatisfy({ $0 < loads.layerCount }) else {
                throw disagreement(loads, deviceOffsets)
            }
            layersOfRows = layers
        } else if rows.count == loads.layerCount {
            layersOfRows = Array(0..<loads.layerCount)
        } else if rows.count == loaded.count {
            layersOfRows = loaded
            note = "its \(rows.count.counted("layer")) are the layers with load"
        } else {
            throw disagreement(loads, deviceOffsets)
        }
        let plain = rows.count == 1 ? rows[0] : (0..<slots).map { Int32($0 % loads.expertCount) }
        var table = [[Int32]](repeating: plain, count: loads.layerCount)
        for (row, layer) in zip(rows, layersOfRows) { table[layer] = row }
        let placement = try Placement(
            experts: table.flatMap(\.self), expertCount: loads.expertCount, deviceOffsets: deviceOffsets)
        return (placement, note)
    }

    /// Returns the placement of the experts of a model on devices of equal size, or of the sizes in the file. Its layers
    /// are those of the model; the layers without routed experts get the experts in order.
    ///
    /// - Parameter layers: The layers of the model with routed experts.
    /// - Throws: ``FileFormatError`` if the file has other layers or slots, ``PlacementError`` if a row is not a placement
    ///   of the experts.
    public func placement(layersWithExperts layers: Range<Int>, expertCount: Int, deviceCount: Int) throws -> Placement
    {
        guard slotsPerDevice != nil || slotCount.isMultiple(of: deviceCount) else {
            throw PlacementError(reason: .slotsNotDivisible(slots: slotCount, devices: deviceCount))
        }
        let loads = try ExpertLoads(
            layers: (0..<layers.upperBound).map {
                Array(repeating: layers.contains($0) ? 1 : 0, count: expertCount)
            })
        let offsets = (0...deviceCount).map { $0 * slotCount / deviceCount }
        return try placement(for: loads, deviceOffsets: offsets).placement
    }

    private func disagreement(_ loads: ExpertLoads, _ deviceOffsets: [Int]) -> FileFormatError {
        let names = layers.map { " (\(Self.listed($0)))" } ?? ""
        let loaded = (0..<loads.layerCount).filter { loads.total(ofLayer: $0) > 0 }
        let loadNames = layers == nil ? "" : " (with load: \(Self.listed(loaded)))"
        let devices = slotsPerDevice.map { " on \($0.count.counted("device"))" } ?? ""
        return FileFormatError(
            "the placement has \(rows.count.counted("layer"))\(names) of \(slotCount.counted("slot"))\(devices), but the "
                + "loads have \(loads.layerCount.counted("layer"))\(loadNames) and the "
                + "\((deviceOffsets.count - 1).counted("device")) \((deviceOffsets.last ?? 0).counted("slot")): give a placement for these loads and devices"
        )
    }

    /// Returns numbers as a list that names at most the first six and the last.
    private static func listed(_ numbers: [Int]) -> String {
        let names = numbers.map(String.init)
        return names.count <= 7
            ? names.joined(separator: ", ")
            : "\(names.prefix(6).joined(separator: ", ")), … \(names[names.count - 1])"
    }
}

extension Placement {
    /// Reads a placement on devices of equal size from the contents of a file; see
    /// ``PlacementFile/init(contents:name:)``.
    ///
    /// - Throws: ``FileFormatError`` if the contents have another format, ``PlacementError`` if they are not a
    ///   placement.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], expertCount: Int, deviceCount: Int) throws {
        try self.init(
            layers: PlacementFile(contents: contents).rows, expertCount: expertCount, deviceCount: deviceCount)
    }
}
