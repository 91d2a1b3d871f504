import ContraflowCharts
import ExpertBalancing
import Foundation
import Testing

@Suite("Pictures of placements and curves") struct BalanceChartTests {
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

    @Test("Up to 64 devices have a bar each")
    func fewDevicesHaveABarEach() throws {
        let svg = try chart(experts: 16, devices: 8, slots: 24, layers: 3).svg()
        #expect(svg.components(separatedBy: #"class="bar""#).count - 1 == 16)
        #expect(svg.contains("device 7: ") && svg.contains("a &lt;b&gt; &amp; c"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test("More than 64 devices are a row of a map, with a fixed legend")
    func manyDevicesAreAMap() throws {
        let svg = try chart(experts: 128, devices: 80, slots: 160, layers: 2).svg()
        #expect(!svg.contains(#"class="bar""#) && svg.contains(">sum<"))
        #expect(svg.contains(">mean</text>") && svg.contains(">≥ 5</text>"))
        #expect(svg.utf8.count < 200_000)
    }

    @Test("Layers without load are omitted")
    func layersWithoutLoadAreOmitted() throws {
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

    @Test("Charts of curves have marks and stand below one another")
    func curvesHaveMarksAndStack() {
        let chart = CurveChart(
            title: "one", xName: "x",
            curves: [CurveChart.Curve(name: "c", points: [(0, 1), (10, 2)])],
            marks: [CurveChart.Mark(x: 10, y: 2, text: "the end")])
        let svg = CurveStack(charts: [chart, chart]).svg()
        #expect(svg.components(separatedBy: "the end").count == 3)
        #expect(chart.svg().contains(#"height="300""#) && svg.contains(#"height="600""#))
    }

    @Test("A page of a placement has a map of each side and one of replicas, and escapes its texts")
    func pagesOfPlacementsAreMaps() throws {
        let chart = try chart(experts: 16, devices: 8, slots: 24, layers: 3)
        let page = ChartPage(
            title: "a<b", heading: "a<b", figures: [("balance", "<1>")], picture: .balance(chart), header: ["h"],
            rows: [["<script>"]]
        ).html()
        #expect(page.contains("<title>a&lt;b</title>") && page.contains("<td>&lt;script&gt;</td>"))
        #expect(page.contains("<dt>balance</dt><dd>&lt;1&gt;</dd>"))
        #expect(page.components(separatedBy: "<figure class=\"map\">").count == 4)
        #expect(page.components(separatedBy: "\"colour\":\"load4\",\"name\":\"mean\"").count == 3)
        #expect(page.contains("--load4: #") && !page.contains("<svg xmlns") && !page.contains("http"))
    }

    @Test("A page of curves has their values, without those that are not finite")
    func pagesOfCurvesHaveValues() {
        let chart = CurveChart(
            title: "loss", xName: "step", curves: [.init(name: "</script>", points: [(1, 2.5), (2, .nan), (3, 1.25)])])
        let page = ChartPage(title: "t", heading: "h", picture: .curves([chart])).html()
        #expect(page.contains("\"points\":[1.0,2.5,3.0,1.25]") && page.contains("\\u003c/script>"))
    }
}
