using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Selects a part of a feature map: a range of channels, and rows and columns.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Slice(string Name) : Layer(Name)
{
    /// <summary>The first channel; 0 by default.</summary>
    public int FirstChannel { get; init; }

    /// <summary>The number of channels; 0, the default, for all from <see cref="FirstChannel"/>.</summary>
    public int Channels { get; init; }

    /// <summary>The rows and columns to leave out on each side; 0 by default.</summary>
    public Padding2d Crop { get; init; }

    /// <summary>The step between the rows and between the columns to select; 1 by default. At most 256.</summary>
    public Size2d Step { get; init; } = 1;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        LayerValidation.RequireInRange(this, nameof(FirstChannel), FirstChannel, 0, input.Channels - 1);
        LayerValidation.RequireInRange(this, nameof(Channels), Channels, 0, input.Channels - FirstChannel);
        LayerValidation.RequireInRange(this, nameof(Crop), Crop, 0, int.MaxValue);
        LayerValidation.RequireInRange(this, nameof(Step), Step, 1, LayerValidation.MaximumStride);
        int channels = Channels == 0 ? input.Channels - FirstChannel : Channels;
        return new Shape(
            channels,
            Length(input.Height, Crop.Top, Crop.Bottom, Step.Height),
            Length(input.Width, Crop.Left, Crop.Right, Step.Width));

        int Length(int size, int before, int after, int step)
        {
            long left = (long)size - before - after;
            return left >= 1 ? (int)((left + step - 1) / step) : throw new ArgumentException(
                $"Layer '{Name}' ({Kind}): Crop is {Crop} of {input}; expected to leave at least one row and one column.", nameof(inputs));
        }
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        FirstChannel = settings.Integer("first_channel", FirstChannel, absent: 0),
        Channels = settings.Integer("channels", Channels, absent: 0),
        Crop = settings.Padding("crop", Crop, absent: new Padding2d(0, 0, 0, 0)),
        Step = settings.Size("step", Step, absent: 1),
    };
}
