namespace SimNet.Models;

/// <summary>The windows of convolutions and poolings as the standard's attributes say them.</summary>
internal static class OnnxWindows
{
    public static (Size2d Kernel, Size2d Stride, Padding2d Padding, bool Ceil) Window(OnnxNode node, OnnxMap map)
    {
        Size2d kernel = node.Has("kernel_shape") ? node.Size("kernel_shape", 1) : throw node.Problem("no 'kernel_shape'"), stride = node.Size("strides", 1);
        if (node.Size("dilations", 1) != 1)
        {
            throw node.Unsupported("a pooling with dilation");
        }

        Padding2d padding = Padding(node, map.Shape, kernel, stride, 1);
        bool ceil = node.Integer("ceil_mode", 0) != 0;
        if (!ceil)
        {
            // PyTorch's exporter to old operator sets pads by up to a whole window where it would round up; no window reaches the last of that.
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
        return node.Size("kernel_shape", size) == size ? size : throw node.Problem($"'kernel_shape' is not the kernel's, {size}");
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
                    throw node.Problem($"a step of {stride}");
                }

                (int top, int bottom) = Same(shape.Height, kernel.Height, stride.Height, dilation.Height);
                (int left, int right) = Same(shape.Width, kernel.Width, stride.Width, dilation.Width);
                return new Padding2d(top, left, bottom, right);
            default:
                throw node.Problem($"'auto_pad' is '{automatic}'");
        }

        // As many windows as steps fit into the input, begun or whole.
        (int Before, int After) Same(int size, int window, int step, int spread)
        {
            int total = Math.Max(checked(((size - 1) / step * step) + ((window - 1) * spread) + 1 - size), 0), less = total / 2;
            return automatic == "SAME_UPPER" ? (less, total - less) : (total - less, less);
        }
    }

    public static Padding2d Pads(OnnxNode node, long[]? pads) => pads switch
    {
        null => 0,
        [long top, long left, long bottom, long right] => new Padding2d(node.Int32("pads", top), node.Int32("pads", left), node.Int32("pads", bottom), node.Int32("pads", right)),
        _ => throw node.Unsupported($"'pads' of {pads.Length} numbers"),
    };
}
