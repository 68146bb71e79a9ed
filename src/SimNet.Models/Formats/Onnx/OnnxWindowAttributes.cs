namespace SimNet.Models;

/// <summary>Reads the window attributes of convolutions and pooling: kernel size, stride, and padding.</summary>
internal static class OnnxWindowAttributes
{
    public static (Size2d Kernel, Size2d Stride, Padding2d Padding, bool Ceil) Window(OnnxNode node, OnnxFeatureMap map)
    {
        Size2d kernel = node.Has("kernel_shape")
            ? node.Size("kernel_shape", 1)
            : throw node.Problem("attribute 'kernel_shape' is missing");
        Size2d stride = node.Size("strides", 1);
        if (node.Size("dilations", 1) != 1)
        {
            throw node.Unsupported("pooling with dilation");
        }

        Padding2d padding = Padding(node, map.Shape, kernel, stride, 1);
        bool ceil = node.Integer("ceil_mode", 0) != 0;
        if (!ceil)
        {
            // For old operator sets, PyTorch exports ceil mode as extra padding of up to one window; removes the part that no window
            // reaches.
            padding = padding with
            {
                Bottom = Reached(map.Shape.Height, kernel.Height, stride.Height, padding.Top, padding.Bottom),
                Right = Reached(map.Shape.Width, kernel.Width, stride.Width, padding.Left, padding.Right),
            };
        }

        return (kernel, stride, padding, ceil);

        static int Reached(int size, int window, int step, int before, int after)
        {
            long free = (long)size + before + after - window;
            return step < 1 || free < 0 || after < window ? after : (int)Math.Max((free / step * step) + window - size - before, 0);
        }
    }

    public static Size2d KernelSize(OnnxNode node, WeightTensor weight)
    {
        Size2d size = new(weight.Dimensions[2], weight.Dimensions[3]);
        return node.Size("kernel_shape", size) == size
            ? size
            : throw node.Problem($"'kernel_shape' does not match the kernel, which is {size}");
    }

    public static Padding2d Padding(OnnxNode node, Shape shape, Size2d kernel, Size2d stride, Size2d dilation)
    {
        long[]? pads = node.Integers("pads");
        string automatic = node.Text("auto_pad", "NOTSET");
        switch (automatic)
        {
            case "NOTSET":
                return Pads(node, pads);
            case "VALID":
                return 0;
            case "SAME_UPPER" or "SAME_LOWER":
                if (stride.Height < 1 || stride.Width < 1)
                {
                    throw node.Problem($"'strides' is {stride}; expected at least 1x1");
                }

                (int top, int bottom) = Same(shape.Height, kernel.Height, stride.Height, dilation.Height);
                (int left, int right) = Same(shape.Width, kernel.Width, stride.Width, dilation.Width);
                return new Padding2d(top, left, bottom, right);
            default:
                throw node.Problem($"'auto_pad' is '{automatic}'");
        }

        // The number of windows is the input size divided by the step, rounded up.
        (int Before, int After) Same(int size, int window, int step, int spread)
        {
            int total = Math.Max(checked(((size - 1) / step * step) + ((window - 1) * spread) + 1 - size), 0);
            int smaller = total / 2;
            return automatic == "SAME_UPPER" ? (smaller, total - smaller) : (total - smaller, smaller);
        }
    }

    public static Padding2d Pads(OnnxNode node, long[]? pads) => pads switch
    {
        null => 0,
        [long top, long left, long bottom, long right] => new Padding2d(
            node.Int32("pads", top), node.Int32("pads", left), node.Int32("pads", bottom), node.Int32("pads", right)),
        _ => throw node.Unsupported($"'pads' with {pads.Length} numbers"),
    };
}
