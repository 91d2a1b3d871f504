import ExpertBalancing
import Testing

@Suite("Placement files") struct PlacementFileTests {
    /// Two layers of four experts.
    private let loads: ExpertLoads
    /// The same layers with dense layers before and between them.
    private let sparse: ExpertLoads

    init() throws {
        loads = try ExpertLoads(layers: [[5, 1, 1, 1], [1, 1, 1, 5]])
        sparse = try ExpertLoads(layers: [[0, 0, 0, 0], [5, 1, 1, 1], [0, 0, 0, 0], [1, 1, 1, 5]])
    }

    private func read(
        _ text: String, for loads: ExpertLoads? = nil, offsets: [Int] = [0, 3, 6]
    ) throws -> (placement: Placement, note: String?) {
        try PlacementFile(contents: Array(text.utf8)).placement(for: loads ?? self.loads, deviceOffsets: offsets)
    }

    private func message(_ text: String, for loads: ExpertLoads? = nil, offsets: [Int] = [0, 3, 6]) -> String {
        do {
            _ = try read(text, for: loads, offsets: offsets)
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func ascend(_ layers: [[[Int]]]) -> String {
        let list = layers.enumerated().map { layer, devices in
            let entries = devices.enumerated().map { #"{"device_id": \#($0), "device_expert": \#($1)}"# }
            return
                #"{"layer_id": \#(layer), "device_count": \#(devices.count), "device_list": [\#(entries.joined(separator: ","))]}"#
        }
        return #"{"moe_layer_count": \#(layers.count), "layer_list": [\#(list.joined(separator: ","))]}"#
    }

    @Test("One placement is read from the files of all engines")
    func allEngines() throws {
        let expected: [Int32] = [0, 1, 2, 0, 3, 2, 0, 1, 3, 2, 3, 0]
        let yaml = "initial_global_assignments:\n"
        for text in [
            "[[0, 1, 2, 0, 3, 2], [0, 1, 3, 2, 3, 0]]",
            #"{"physical_to_logical_map": [[0, 1, 2, 0, 3, 2], [0, 1, 3, 2, 3, 0]]}"#,
            ascend([[[0, 1, 2], [0, 3, 2]], [[0, 1, 3], [2, 3, 0]]]),
            "num_slots: 6\n\(yaml)  0: [0, 1, 2, 0, 3, 2]\n  1: [0, 1, 3, 2, 3, 0]\nlayer_updates_per_iter: 0\n",
            "# written by hand\nmoe_config:\n  load_balancer:\n    \(yaml)      1: [0, 1, 3,\n      2, 3, 0]\n"
                + "      '0':\n      - 0\n      - 1\n      - 2\n      - 0\n      - 3\n      - 2\n",
        ] {
            let (placement, note) = try read(text)
            #expect(placement.experts == expected && note == nil, "\(text)")
        }
    }

    @Test("One row is used for all layers, with a note") func oneRowForAllLayers() throws {
        for text in ["[0, 1, 2, 3, 0, 1]", "[[0, 1, 2, 3, 0, 1]]"] {
            let (placement, note) = try read(text)
            #expect(placement.experts == [0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 0, 1])
            #expect(note == "its one row of slots is used for all 2 layers")
        }
    }

    @Test("Rows belong to the layers with load if there is one row for each, or to the layers that the file names")
    func denseLayersAreLeftOut() throws {
        let rows = "[[0, 1, 2, 0, 3, 2], [0, 1, 3, 2, 3, 0]]"
        let (placement, note) = try read(rows, for: sparse)
        #expect(Array(placement.experts(ofLayer: 1)) == [0, 1, 2, 0, 3, 2])
        #expect(Array(placement.experts(ofLayer: 3)) == [0, 1, 3, 2, 3, 0])
        #expect(note == "its 2 layers are the layers with load")
        let yaml = "initial_global_assignments:\n  3: [0, 1, 3, 2, 3, 0]\n  1: [0, 1, 2, 0, 3, 2]\n"
        #expect(try read(yaml, for: sparse).placement == placement)
        let others = message(yaml.replacing("  1:", with: "  2:"), for: sparse)
        #expect(others.contains("2 layers (2, 3) of 6 slots") && others.contains("4 layers (with load: 1, 3)"))
        #expect(message(yaml.replacing("  3:", with: "  9:"), for: sparse).contains("4 layers"))
    }

    @Test("Layers of the model are those of loads that have the MoE layers alone, with a note")
    func layersOfTheModel() throws {
        let yaml = "initial_global_assignments:\n  3: [0, 1, 2, 0, 3, 2]\n  4: [0, 1, 3, 2, 3, 0]\n"
        for (text, numbers) in [(yaml, "3 to 4"), (yaml.replacing("  3:", with: "  1:"), "1 to 4")] {
            let (placement, note) = try read(text)
            #expect(placement.experts == [0, 1, 2, 0, 3, 2, 0, 1, 3, 2, 3, 0])
            #expect(note == "its layers \(numbers) are the 2 layers of the loads in order")
        }
    }

    @Test("Files that are not a placement for the loads and devices are refused in one line")
    func otherFilesAreRefused() {
        let map = ascend([[[0, 1, 2], [0, 3, 2]], [[0, 1, 3], [2, 3, 0]]])
        let cases = [
            ("", "the file is empty"), ("[[0, 1, 2, 3]]", "has 1 layer of 4 slots"),
            ("[[0,1,2,3,0,1],[0,1,2,3,0,1],[0,1,2,3,0,1]]", "has 3 layers of 6 slots"),
            ("[[0, 1, 2, 3, 0, 7]]", "there is no expert 7"), ("[[0, 1, 2, 2, 0, 1]]", "no slot for expert 3"),
            (#"{"logical_count": [[1, 2]]}"#, "holds loads, not a placement"), (#"{"maps": 1}"#, "unknown key 'maps'"),
            (map.replacing("\"moe_layer_count\": 2", with: "\"moe_layer_count\": 3"), "moe_layer_count is 3"),
            (map.replacing("\"device_count\": 2", with: "\"device_count\": 4"), "device_count is 4"),
            (map.replacing("\"device_id\": 1", with: "\"device_id\": 3"), "device_id 3 is at position 1"),
            (map.replacing("\"layer_id\": 1", with: "\"layer_id\": 0"), "layer_id 0 follows 0"),
            (map.replacing("device_expert", with: "experts"), "unknown key 'experts'"),
            (map.replacing("[0, 1, 3]", with: "[0, 1]"), "other numbers of experts per device"),
            (ascend([[[0, 1], [2, 0], [3, 2]], [[0, 1], [3, 2], [3, 0]]]), "on 3 devices"),
            ("layer,e0\n0,1\n", "line 1: 'layer,e0' is not a map"), ("num_slots: 6\n", "no placement"),
            ("enable_attention_dp: true\n", "unknown key 'enable_attention_dp'"),
            ("initial_global_assignments:\n  0: [0, 1\n", "no placement"),
            ("initial_global_assignments:\n  0: [0, x]\n", "line 2: '[0,x]' is not a map"),
            ("initial_global_assignments:\n  0: [0]\n  0: [0]\n", "line 3: layer 0 is given twice"),
            ("num_slots: 7\ninitial_global_assignments:\n  0: [0, 1, 2, 3, 0, 1]\n", "num_slots is 7"),
        ]
        for (text, part) in cases {
            let line = message(text)
            #expect(line.contains(part) && !line.contains("\n"), "\(text): \(line)")
        }
    }

    @Test("Files of Python are refused with the command that converts them")
    func filesOfPythonAreRefused() {
        let archive: [UInt8] = [0x50, 0x4B, 3, 4] + Array("archive/data.pkl".utf8)
        let cases: [([UInt8], String)] = [
            (archive, "torch.load('runs/dump.1.pt'"), (archive, "open('runs/dump.1.json', 'w')"),
            ([0x80, 2, 0x8A], "torch.load"), ([0x50, 0x4B, 3, 4] + Array("loads.npy".utf8), "numpy.load"),
            ([64, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8), "the file is binary"),
            ([0x28, 0xB5, 0x2F, 0xFD], "zstd -dk"),
        ]
        for (contents, part) in cases {
            for read in [
                { _ = try LoadFile(contents: contents, name: "runs/dump.1.pt") },
                { _ = try PlacementFile(contents: contents, name: "runs/dump.1.pt") },
            ] as [() throws -> Void] {
                do {
                    try read()
                    Issue.record("\(part): read")
                } catch {
                    #expect("\(error)".contains(part) && !"\(error)".contains("\n"), "\(error)")
                }
            }
        }
    }

    @Test("A new placement keeps the slots of layers without load")
    func layersWithoutLoadAreKept() throws {
        let current = try Placement(
            layers: [[3, 2, 1, 0, 3, 2], [0, 1, 2, 0, 3, 2], [0, 0, 0, 1, 2, 3], [0, 1, 3, 2, 3, 0]], expertCount: 4,
            deviceCount: 2)
        var request = PlacementRequest([sparse], world: try DeviceWorld(slotCount: 6, deviceCount: 2))
        request.current = current
        for copies in [nil, 100] {
            request.maxCopies = copies
            let placement = try request.plan().placement
            for layer in [0, 2] { #expect(placement.experts(ofLayer: layer) == current.experts(ofLayer: layer)) }
        }
    }
}
