namespace SimNet.Models;

/// <summary>How the weights of convolutions begin. Biases begin at 0 and batch norm at scale 1, shift 0, mean 0, variance 1 with all of them.</summary>
public enum WeightInitializer
{
    /// <summary>
    /// Uniform in ±sqrt(6 / (fan in + fan out)) (Glorot and Bengio, 2010), Keras's default and so AutoSimNet's. A fan is the
    /// number of channels times the kernel's area, for transposed convolutions as well.
    /// </summary>
    GlorotUniform,

    /// <summary>Normal with mean 0 and variance 2 / fan in (He et al., 2015), for networks of rectified layers. Fan in is input channels times the kernel's area.</summary>
    HeNormal,
}
