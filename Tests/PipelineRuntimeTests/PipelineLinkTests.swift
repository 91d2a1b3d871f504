import DistributedRuntime
import LibTorch
import PipelineRuntime
import Testing
import TrainingRecipes

/// Two ranks of a pipeline, connected by their links.
@Suite("Pipeline links", .serialized) struct PipelineLinkTests {
    private typealias Transfer = RankProgram.Transfer

    private func onTwoRanks<Result: Sendable>(
        _ body: @escaping @Sendable (_ rank: Int, PipelineLink) throws -> Result
    ) throws -> [Result] {
        try World(DeviceMesh(pipeline: 2, experts: 1)).run { place in
            try body(place.rank, PipelineLink(try place.rendezvous()([0, 1])))
        }
    }

    @Test("A value arrives under its tag, whatever the order of sends") func tags() throws {
        let received = try onTwoRanks { rank, link in
            let peer = 1 - rank
            // Tags of gradients are odd.
            for tag in rank == 0 ? [2, 5, 4] : [5, 4, 2] {
                try link.send(
                    Tensor([Double(10 * rank + tag)], shape: [1]), Transfer(peer: peer, tag: tag, peerPosition: 0))
            }
            let values = try [4, 2, 5].map { tag in
                let tensor = try Tensor.zeros([1], .float64)
                try link.receive(into: tensor, Transfer(peer: peer, tag: tag, peerPosition: 0)).wait()
                return try tensor.doubles()[0]
            }
            try link.finish()
            return values
        }
        #expect(received == [[14, 12, 15], [4, 2, 5]])
    }

    /// Sends two tensors, which the peer needs at positions 3 and 5 of its row, and returns which of them are still
    /// alive after each event.
    private func liveSends(_ link: PipelineLink) throws -> [[Bool]] {
        var tensors = try [1.0, 2.0].map { try Tensor([$0], shape: [1]) }
        func reference(_ tensor: Tensor) -> () -> Bool { { [weak tensor] in tensor != nil } }
        let isAlive = tensors.map(reference)
        for (index, tensor) in tensors.enumerated() {
            try link.send(tensor, Transfer(peer: 1, tag: 2 * index, peerPosition: 3 + 2 * index))
        }
        tensors.removeAll()
        var states = [isAlive.map { $0() }]
        let value = try Tensor.zeros([1], .float64)
        for position in [2, 3, 4] {
            let transfer = Transfer(peer: 1, tag: 1 + 2 * position, peerPosition: position)
            try link.receive(into: value, transfer).wait()
            try link.received(transfer)
            states.append(isAlive.map { $0() })
        }
        try link.finish()
        states.append(isAlive.map { $0() })
        return states
    }

    @Test("A sent tensor lives until the peer's values prove that it has arrived, or until the step ends")
    func memory() throws {
        let states = try onTwoRanks { rank, link in
            guard rank == 1 else { return try liveSends(link) }
            for tag in [0, 2] {
                try link.receive(into: .zeros([1], .float64), Transfer(peer: 0, tag: tag, peerPosition: 0)).wait()
            }
            for position in [2, 3, 4] {
                try link.send(
                    .zeros([1], .float64), Transfer(peer: 0, tag: 1 + 2 * position, peerPosition: position))
            }
            try link.finish()
            return []
        }
        #expect(
            states[0] == [
                // Sent; then values that the peer made at positions 2, 3 and 4; then the end of the step.
                [true, true], [true, true], [false, true], [false, true], [false, false],
            ])
    }

    @Test("A value from one peer does not release the sends to another") func peers() throws {
        let alive = try World(DeviceMesh(pipeline: 3, experts: 1)).run { place in
            let link = PipelineLink(try place.rendezvous()([0, 1, 2]))
            let value = try Tensor.zeros([1], .float64)
            switch place.rank {
            case 0:
                var tensor: Tensor? = try Tensor([1.0], shape: [1])
                weak let sent = tensor
                try link.send(value, Transfer(peer: 1, tag: 0, peerPosition: 0))
                if let tensor { try link.send(tensor, Transfer(peer: 2, tag: 0, peerPosition: 0)) }
                tensor = nil
                let transfer = Transfer(peer: 1, tag: 1, peerPosition: 9)
                try link.receive(into: value, transfer).wait()
                try link.received(transfer)
                let isAlive = sent != nil
                try link.finish()
                return isAlive && sent == nil
            case 1:
                try link.receive(into: value, Transfer(peer: 0, tag: 0, peerPosition: 0)).wait()
                try link.send(value, Transfer(peer: 0, tag: 1, peerPosition: 0))
            default:
                try link.receive(into: value, Transfer(peer: 0, tag: 0, peerPosition: 0)).wait()
            }
            try link.finish()
            return true
        }
        #expect(alive == [true, true, true])
    }
}
