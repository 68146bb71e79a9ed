namespace SimNet.Models;

/// <summary>The checks that layers share, so that every refusal names the layer and the value.</summary>
internal static class LayerCheck
{
    public static Shape Single(Layer layer, ReadOnlySpan<Shape> inputs) => inputs.Length == 1
        ? inputs[0]
        : throw new ArgumentException($"Layer '{layer.Name}' ({layer.Kind}) takes one input; got {inputs.Length}.", nameof(inputs));

    public static void AtLeast(Layer layer, string setting, int value, int minimum)
    {
        if (value < minimum)
        {
            throw new ArgumentException($"Layer '{layer.Name}' ({layer.Kind}): {setting} is {value}; expected at least {minimum}.", setting);
        }
    }
}
