namespace SimNet.Models;

/// <summary>Validates the settings and inputs of layers. Messages name the layer and the value.</summary>
internal static class LayerValidation
{
    /// <summary>The largest window, padding, and stride: far larger than any network uses, and small enough to avoid overflow.</summary>
    public const int MaximumWindow = 1024, MaximumStride = 256;

    public static Shape RequireSingleInput(Layer layer, ReadOnlySpan<Shape> inputs) => inputs.Length == 1
        ? inputs[0]
        : throw new ArgumentException($"Layer '{layer.Name}' ({layer.Kind}) takes one input; got {inputs.Length}.", nameof(inputs));

    public static void RequireAtLeast(Layer layer, string setting, int value, int minimum) =>
        RequireInRange(layer, setting, value, minimum, int.MaxValue);

    public static void RequireInRange(Layer layer, string setting, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
        {
            throw new ArgumentException(
                $"Layer '{layer.Name}' ({layer.Kind}): {setting} is {value}; expected "
                + (maximum == int.MaxValue ? $"at least {minimum}." : $"{minimum} to {maximum}."),
                setting);
        }
    }

    public static void RequireInRange(Layer layer, string setting, Size2d value, int minimum, int maximum)
    {
        RequireInRange(layer, setting, value.Height, minimum, maximum);
        RequireInRange(layer, setting, value.Width, minimum, maximum);
    }

    public static void RequireInRange(Layer layer, string setting, Padding2d value, int minimum, int maximum)
    {
        RequireInRange(layer, setting, value.Top, minimum, maximum);
        RequireInRange(layer, setting, value.Left, minimum, maximum);
        RequireInRange(layer, setting, value.Bottom, minimum, maximum);
        RequireInRange(layer, setting, value.Right, minimum, maximum);
    }

    public static void RequireFinite(Layer layer, string setting, float value)
    {
        if (!float.IsFinite(value))
        {
            throw new ArgumentException($"Layer '{layer.Name}' ({layer.Kind}): {setting} is {value}; expected a finite number.", setting);
        }
    }

    /// <summary>Validates the settings of a convolution or a pooling layer.</summary>
    public static void RequireWindow(Layer layer, Size2d kernelSize, Size2d stride, Padding2d padding, Size2d dilation)
    {
        RequireInRange(layer, "KernelSize", kernelSize, 1, MaximumWindow);
        RequireInRange(layer, "Stride", stride, 1, MaximumStride);
        RequireInRange(layer, "Padding", padding, 0, MaximumWindow);
        RequireInRange(layer, "Dilation", dilation, 1, MaximumWindow);
        var dilated = new Size2d((kernelSize.Height - 1) * dilation.Height + 1, (kernelSize.Width - 1) * dilation.Width + 1);
        RequireInRange(layer, "KernelSize dilated by Dilation", dilated, 1, MaximumWindow);
    }

    public static void RequireGroups(Layer layer, int groups, int inputChannels, int outputChannels)
    {
        RequireAtLeast(layer, "Groups", groups, 1);
        if (inputChannels % groups != 0 || outputChannels % groups != 0)
        {
            throw new ArgumentException(
                $"Layer '{layer.Name}' ({layer.Kind}): Groups is {groups}; "
                + $"expected a divisor of its {inputChannels} input and {outputChannels} output channels.",
                nameof(groups));
        }
    }

    /// <summary>Returns the common shape of at least two inputs.</summary>
    public static Shape RequireSameShape(Layer layer, ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length < 2)
        {
            throw new ArgumentException(
                $"Layer '{layer.Name}' ({layer.Kind}) takes at least two inputs; got {inputs.Length}.", nameof(inputs));
        }

        foreach (Shape input in inputs)
        {
            if (input != inputs[0])
            {
                throw new ArgumentException(
                    $"Layer '{layer.Name}' ({layer.Kind}): inputs are {inputs[0]} and {input}; expected the same shape.", nameof(inputs));
            }
        }

        return inputs[0];
    }
}
