using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// A baseline for learned embeddings: the vector of an image is the pixels of its thumbnail. It is a regular model without weights, so it
/// works wherever a trained model does.
/// </summary>
public static class PixelModel
{
    /// <summary>The name of the network.</summary>
    public const string NetworkName = "pixels";

    /// <summary>Creates the model for a thumbnail size.</summary>
    /// <param name="size">The width and height of the thumbnail in pixels, from 1 to <see cref="Preprocessing.MaximumSize"/>.</param>
    /// <param name="color">The channels of the thumbnail; gray by default.</param>
    /// <returns>A model whose vector has size x size x channels values from 0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Model Create(int size, ColorMode color = ColorMode.Gray)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Preprocessing.MaximumSize);
        var preprocessing = new Preprocessing { Width = size, Height = size, Color = color };

        // Max pooling with a 1x1 window is the identity.
        var network = new Network(NetworkName, new Shape(preprocessing.Channels, size, size), [new MaxPool2d("pixels", 1)]);
        return new Model(network, new StateDict([]), "pixels", preprocessing.ToMetadata());
    }
}
