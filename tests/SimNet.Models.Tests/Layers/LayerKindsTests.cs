namespace SimNet.Models.Tests;

public sealed class LayerKindsTests
{
    [Fact]
    public void Every_kind_of_layer_can_be_read_from_a_file()
    {
        IEnumerable<string> kinds = typeof(Layer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract)
            .Select(type => type.Name);

        Assert.Equal(kinds.Order(StringComparer.Ordinal), LayerKinds.Prototypes.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_kind_of_layer_has_a_conformance_case()
    {
        IEnumerable<string> covered = ((IEnumerable<object[]>)LayerCases.Names)
            .Select(row => (string)row[0])
            .SelectMany(name => LayerCases.Get(name).Layers)
            .Select(layer => layer.Kind)
            .Distinct();

        Assert.Equal(LayerKinds.Prototypes.Keys.Order(StringComparer.Ordinal), covered.Order(StringComparer.Ordinal));
    }
}
