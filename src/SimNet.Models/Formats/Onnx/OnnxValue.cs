namespace SimNet.Models;

/// <summary>A value of an ONNX graph: an <see cref="OnnxFeatureMap"/> or an <see cref="OnnxConstant"/>.</summary>
internal abstract record OnnxValue;
