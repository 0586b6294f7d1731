// A handle of cuBLASLt: enough for a program that asks for one and multiplies by other means.
#pragma once
#include "cublas_v2.h"

using cublasLtHandle_t = struct VitrineCublasLt*;

inline cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
    *handle = nullptr;
    return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasLtDestroy(cublasLtHandle_t) { return CUBLAS_STATUS_SUCCESS; }
