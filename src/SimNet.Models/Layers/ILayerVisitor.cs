using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Does something for each kind of <see cref="Layer"/>: a new kind is a new method, so the compiler names every back end, format and tool
/// that does not know it yet.
/// </summary>
/// <typeparam name="TArgument">What the visitor needs besides the layer, such as its index.</typeparam>
/// <typeparam name="TResult">What comes of a visit.</typeparam>
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

    /// <summary>Visits an element-wise function; <see cref="IActivationVisitor{TArgument, TResult}"/> tells which it is.</summary>
    TResult Visit(ActivationLayer layer, TArgument argument);
}
