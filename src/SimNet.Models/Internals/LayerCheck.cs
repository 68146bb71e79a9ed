namespace SimNet.Models;

/// <summary>The checks that layers share, so that every refusal names the layer and the value.</summary>
internal static class LayerCheck
{
    public static Shape Single(Layer layer, ReadOnlySpan<Shape> inputs) => inputs.Length == 1
        ? inputs[0]
        : throw new ArgumentException($"Layer '{layer.Name}' ({layer.Kind}) takes one input; got {inputs.Length}.", nameof(inputs));

    /// <summary>The largest window and padding, and the largest step: far above what any network uses, and small enough to plan with.</summary>
    public const int MaximumWindow = 1024, MaximumStride = 256;

    public static void AtLeast(Layer layer, string setting, int value, int minimum) => Between(layer, setting, value, minimum, int.MaxValue);

    public static void Between(Layer layer, string setting, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
        {
            throw new ArgumentException(
                $"Layer '{layer.Name}' ({layer.Kind}): {setting} is {value}; expected {(maximum == int.MaxValue ? $"at least {minimum}" : $"{minimum} to {maximum}")}.", setting);
        }
    }
}
