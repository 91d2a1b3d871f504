import ContraflowCharts
import ExpertBalancing
import Foundation
import Testing

@Suite struct BalanceChartTests {
    private func chart(experts: Int, devices: Int, slots: Int, layers: Int) throws -> BalanceChart {
        let values = (0..<layers * experts).map { Double(($0 * 7919) % 997 + 1) }
        let loads = try ExpertLoads(values, expertCount: experts)
        let plan = try OptimalPolicy(world: DeviceWorld(slotCount: slots, deviceCount: devices)).plan(loads).placement
        let before = try DeepSeekPolicy(slotCount: slots, groupCount: 1, nodeCount: 1, deviceCount: devices)
            .plan(loads).placement(deviceCount: devices)
        return BalanceChart(
            title: "a <b> & c", loads: loads,
            sides: [
                BalanceChart.Side(name: "before", placement: before), BalanceChart.Side(name: "after", placement: plan),
            ])
    }

    @Test func fewDevicesHaveABarEach() throws {
        let svg = try chart(experts: 16, devices: 8, slots: 24, layers: 3).svg()
        #expect(svg.components(separatedBy: #"class="bar""#).count - 1 == 16)
        #expect(svg.contains("device 7: ") && svg.contains("a &lt;b&gt; &amp; c"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func manyDevicesAreAMap() throws {
        let svg = try chart(experts: 128, devices: 80, slots: 160, layers: 2).svg()
        #expect(!svg.contains(#"class="bar""#) && svg.contains(">sum<"))
        #expect(svg.utf8.count < 200_000)
    }

    @Test func layersWithoutLoadAreLeftOut() throws {
        let loads = try ExpertLoads([0, 0, 5, 3], expertCount: 2)
        let placement = try Placement(layers: [[0, 1], [0, 1]], expertCount: 2, deviceCount: 2)
        let one = BalanceChart(
            title: "t", loads: loads, sides: [BalanceChart.Side(name: "plan", placement: placement)])
        #expect(one.svg().contains("balance 0.8000"))
        let zero = BalanceChart(
            title: "t", loads: try ExpertLoads([0, 0, 0, 0], expertCount: 2),
            sides: [BalanceChart.Side(name: "plan", placement: placement)])
        #expect(zero.svg().contains("no layer has load"))
    }

    @Test func curvesHaveMarksAndStack() {
        let chart = CurveChart(
            title: "one", xName: "x",
            curves: [CurveChart.Curve(name: "c", points: [(0, 1), (10, 2)])],
            marks: [CurveChart.Mark(x: 10, y: 2, text: "the end")])
        let svg = CurveStack(charts: [chart, chart]).svg()
        #expect(svg.components(separatedBy: "the end").count == 3)
        #expect(chart.svg().contains(#"height="300""#) && svg.contains(#"height="600""#))
    }

    @Test func pagesEscapeWhatTheyShow() {
        let page = ChartPage(title: "a<b", svg: "<svg></svg>", header: ["h"], rows: [["<script>"]]).html()
        #expect(page.contains("<title>a&lt;b</title>") && page.contains("<td>&lt;script&gt;</td>"))
    }
}
