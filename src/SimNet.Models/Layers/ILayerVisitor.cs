using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Visits layers, with one method for each kind of <see cref="Layer"/>. A new kind adds a method, so that the compiler reports every back
/// end, format, and tool that does not support it yet.
/// </summary>
/// <typeparam name="TArgument">The type of the argument that the visitor gets with the layer, such as its index.</typeparam>
/// <typeparam name="TResult">The type of the result of a visit.</typeparam>
[Experimental(ExperimentalFeatures.Backends)]
public interface ILayerVisitor<in TArgument, out TResult>
{
    /// <summary>Visits a <see cref="Conv2d"/>.</summary>
    TResult Visit(Conv2d layer, TArgument argument);

    /// <summary>Visits a <see cref="ConvTranspose2d"/>.</summary>
    TResult Visit(ConvTranspose2d layer, TArgument argument);

    /// <summary>Visits a <see cref="BatchNorm2d"/>.</summary>
    TResult Visit(BatchNorm2d layer, TArgument argument);

    /// <summary>Visits a <see cref="MaxPool2d"/>.</summary>
    TResult Visit(MaxPool2d layer, TArgument argument);

    /// <summary>Visits a <see cref="AveragePool2d"/>.</summary>
    TResult Visit(AveragePool2d layer, TArgument argument);

    /// <summary>Visits a <see cref="GlobalAveragePool2d"/>.</summary>
    TResult Visit(GlobalAveragePool2d layer, TArgument argument);

    /// <summary>Visits a <see cref="Softmax"/>.</summary>
    TResult Visit(Softmax layer, TArgument argument);

    /// <summary>Visits a <see cref="Dropout"/>.</summary>
    TResult Visit(Dropout layer, TArgument argument);

    /// <summary>Visits a <see cref="Concat"/>.</summary>
    TResult Visit(Concat layer, TArgument argument);

    /// <summary>Visits a <see cref="Add"/>.</summary>
    TResult Visit(Add layer, TArgument argument);

    /// <summary>Visits a <see cref="Multiply"/>.</summary>
    TResult Visit(Multiply layer, TArgument argument);

    /// <summary>Visits a <see cref="ZeroPad2d"/>.</summary>
    TResult Visit(ZeroPad2d layer, TArgument argument);

    /// <summary>Visits a <see cref="Flatten"/>.</summary>
    TResult Visit(Flatten layer, TArgument argument);

    /// <summary>Visits a <see cref="ChannelShuffle"/>.</summary>
    TResult Visit(ChannelShuffle layer, TArgument argument);

    /// <summary>Visits a <see cref="Slice"/>.</summary>
    TResult Visit(Slice layer, TArgument argument);

    /// <summary>Visits a <see cref="LogSoftmax"/>.</summary>
    TResult Visit(LogSoftmax layer, TArgument argument);

    /// <summary>Visits a <see cref="L2Normalization"/>.</summary>
    TResult Visit(L2Normalization layer, TArgument argument);

    /// <summary>Visits a <see cref="LayerNorm2d"/>.</summary>
    TResult Visit(LayerNorm2d layer, TArgument argument);

    /// <summary>Visits a <see cref="PRelu"/>.</summary>
    TResult Visit(PRelu layer, TArgument argument);

    /// <summary>Visits an activation; use <see cref="IActivationVisitor{TArgument, TResult}"/> to distinguish the kinds.</summary>
    TResult Visit(ActivationLayer layer, TArgument argument);
}
