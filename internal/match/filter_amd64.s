#include "textflag.h"

// func passingWide(text *byte, steps int, f *filter, out *uint64)
//
// Sixteen windows at once: eight begin at every fourth byte of 32, eight two bytes
// later. Their hashes pick words of the filter, and the bit that is asked for is
// shifted to the top, where the mask is taken from, in the order of the windows.
// Nothing branches on what passes.
TEXT ·passingWide(SB), NOSPLIT, $0-32
	MOVQ text+0(FP), SI
	MOVQ steps+8(FP), CX
	MOVQ f+16(FP), DI
	MOVQ out+24(FP), BX
	MOVL $0xa0a0a0a0, DX // foldMask
	VMOVD DX, X8
	VPBROADCASTD X8, Y8
	MOVL $0x9e3779b1, DX
	VMOVD DX, X9
	VPBROADCASTD X9, Y9
	MOVL $31, DX
	VMOVD DX, X10
	VPBROADCASTD X10, Y10
	TESTQ CX, CX
	JLE done

loop:
	VPOR (SI), Y8, Y0
	VPOR 2(SI), Y8, Y1
	VPMULLD Y9, Y0, Y0
	VPMULLD Y9, Y1, Y1
	VPSRLD $12, Y0, Y0 // 32 - filterBits
	VPSRLD $12, Y1, Y1
	VPSRLD $5, Y0, Y2
	VPSRLD $5, Y1, Y3
	VPCMPEQD Y6, Y6, Y6
	VPCMPEQD Y7, Y7, Y7
	VPGATHERDD Y6, (DI)(Y2*4), Y4
	VPGATHERDD Y7, (DI)(Y3*4), Y5
	VPANDN Y10, Y0, Y0 // 31 - (hash & 31)
	VPANDN Y10, Y1, Y1
	VPSLLVD Y0, Y4, Y4
	VPSLLVD Y1, Y5, Y5
	VPSRLD $16, Y4, Y4
	VPBLENDW $0xaa, Y5, Y4, Y4
	VPACKSSWB Y4, Y4, Y4
	VPMOVMSKB Y4, R8
	MOVB R8, (BX)
	SHRL $16, R8
	MOVB R8, 1(BX)
	ADDQ $32, SI
	ADDQ $2, BX
	DECQ CX
	JNZ loop

done:
	VZEROUPPER
	RET
