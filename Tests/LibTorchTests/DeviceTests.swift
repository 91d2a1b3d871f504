import Foundation
import LibTorch
import Testing

/// Tests of devices that need no CUDA device. CUDATests has those that do.
@Suite("Devices") struct DeviceTests {
    @Test("Tensors are created on the CPU by default") func tensorsAreOnTheCPU() throws {
        #expect(Device.current == .cpu)
        let tensor = try Tensor([1, 2.5], shape: [2])
        #expect(tensor.device == .cpu)
        #expect(try tensor.moved(to: .cpu).doubles() == [1, 2.5])
        try Device.cpu.makeCurrent()
        #expect(try Device.cpu.perform { try Tensor.range(3, .int64).integers() } == [0, 1, 2])
        #expect(throws: LibTorchError.self) { try Device.cpu.memory() }
        #expect(Device.cpu.description == "cpu" && Device.cuda(1).description == "cuda:1")
    }

    @Test("A device that does not exist is rejected in one line, and the current device stays the same")
    func missingDevice() throws {
        for body in [
            { try Device.cuda(1 << 20).makeCurrent() }, { _ = try Tensor.zeros([1], .float32).moved(to: .cuda(100)) },
            { try Device.cuda(-1).makeCurrent() }, { _ = try Tensor.zeros([1], .float32).moved(to: .cuda(-1)) },
            { _ = try Device.cuda(-1).memory() },
        ] {
            let error = #expect(throws: LibTorchError.self) { try body() }
            #expect(error?.message.contains("\n") == false, "\(String(describing: error))")
        }
        #expect(Device.current == .cpu)
    }

    @Test(
        "Bytes that fill a tensor are read back; a tensor that is not contiguous has none",
        arguments: ElementType.allCases)
    func bytes(type: ElementType) throws {
        let bytes = [UInt8](0..<UInt8(4 * type.byteCount)).map { type == .bool ? $0 & 1 : $0 }
        let tensor = try Tensor.filled([2, 2], type) { $0.copyBytes(from: bytes) }
        #expect(try tensor.shape == [2, 2] && tensor.type == type)
        #expect(try tensor.withBytes { Array($0) } == bytes)
        #expect(try tensor.transposed().contiguous().withBytes { $0.count } == bytes.count)
        #expect(throws: LibTorchError.self) { try tensor.transposed().withBytes { $0.count } }
    }
}
