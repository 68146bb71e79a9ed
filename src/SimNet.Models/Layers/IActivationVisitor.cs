using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Visits activation layers, with one method for each kind of <see cref="ActivationLayer"/>.</summary>
/// <typeparam name="TArgument">The type of the argument that the visitor gets with the layer.</typeparam>
/// <typeparam name="TResult">The type of the result of a visit.</typeparam>
[Experimental(ExperimentalFeatures.Backends)]
public interface IActivationVisitor<in TArgument, out TResult>
{
    /// <summary>Visits a <see cref="Relu"/>.</summary>
    TResult Visit(Relu layer, TArgument argument);

    /// <summary>Visits a <see cref="LeakyRelu"/>.</summary>
    TResult Visit(LeakyRelu layer, TArgument argument);

    /// <summary>Visits a <see cref="Clip"/>.</summary>
    TResult Visit(Clip layer, TArgument argument);

    /// <summary>Visits a <see cref="HardSigmoid"/>.</summary>
    TResult Visit(HardSigmoid layer, TArgument argument);

    /// <summary>Visits a <see cref="HardSwish"/>.</summary>
    TResult Visit(HardSwish layer, TArgument argument);

    /// <summary>Visits a <see cref="Sigmoid"/>.</summary>
    TResult Visit(Sigmoid layer, TArgument argument);

    /// <summary>Visits a <see cref="Silu"/>.</summary>
    TResult Visit(Silu layer, TArgument argument);

    /// <summary>Visits a <see cref="Gelu"/>.</summary>
    TResult Visit(Gelu layer, TArgument argument);

    /// <summary>Visits a <see cref="Power"/>.</summary>
    TResult Visit(Power layer, TArgument argument);
}
